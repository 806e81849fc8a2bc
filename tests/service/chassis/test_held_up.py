"""A write that waits for what another holds is told so, and is no failure of the service."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from chassis.performing import _persist
from contracts.errors import Unavailable


def test_who_waits_in_vain_for_a_lock_may_ask_again(database) -> None:
    engine = database("contacts")
    lock = "SELECT pg_advisory_xact_lock(55003)"
    with engine.begin() as holder:
        holder.exec_driver_sql(lock)

        def attempt(_: int) -> None:
            with engine.begin() as waiting:
                waiting.exec_driver_sql("SET LOCAL lock_timeout = '50ms'")
                waiting.exec_driver_sql(lock)

        with pytest.raises(Unavailable) as refusal:
            _persist(attempt, SimpleNamespace(ends=time.monotonic() + 5))  # type: ignore[arg-type]
    assert refusal.value.extra["retry_after"] == 2

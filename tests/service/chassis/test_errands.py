"""An errand is counted once, by what came of it."""

from __future__ import annotations

from typing import Any

import pytest
from prometheus_client import REGISTRY

from chassis.errands import Running
from chassis.service import Runtime

OUTCOMES = ("ok", "failed", "unsettled")


def refuse(*_: Any) -> None:
    raise ValueError("not today")


def nothing(*_: Any) -> None:
    """Nothing to do."""


@pytest.mark.requirement("O03")
@pytest.mark.parametrize(
    ("perform", "settle", "outcome"),
    [(nothing, nothing, "ok"), (refuse, nothing, "failed"), (nothing, refuse, "unsettled"),
     (refuse, refuse, "unsettled")],
)  # fmt: skip
def test_an_errand_is_counted_once(idle_service: Runtime, perform: Any, settle: Any, outcome: str) -> None:
    door = f"{perform.__name__}, {settle.__name__}"
    errands = Running(nothing, perform, settle)
    errands._runtime, errands.method_name = idle_service, door
    errands._do({})
    counted = {
        one: REGISTRY.get_sample_value(
            "rapport_errand_seconds_count", {"service": "billing", "door": door, "outcome": one}
        )
        for one in OUTCOMES
    }
    assert {one: many for one, many in counted.items() if many} == {outcome: 1}

"""One Idempotency-Key, fifty at once: one effect, fifty equal answers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chassis.ids import new_id
from contracts.errors import Invalid
from local.processes import wait_for
from tests.faults.probe.contract import make_mark
from tests.faults.probe.house import ProbeHouse

pytestmark = pytest.mark.requirement("G06", "B15")
AT_ONCE = 50


@pytest.mark.parametrize("pause", [0.0, 0.3])
def test_fifty_calls_of_one_key_are_one(probe: ProbeHouse, times: int, pause: float) -> None:
    for _ in range(times):
        key = new_id()

        def ask(_: int, mark: str = key) -> Any:
            return probe.ask(make_mark, key=mark, mark=mark, pause=pause)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            answers = list(pool.map(ask, range(AT_ONCE)))
        assert all(answer == answers[0] for answer in answers)
        assert probe.marks()[key] == 1
        assert wait_for(lambda: key in probe.effects("follow"), 30)  # noqa: B023
        assert probe.effects("follow")[key] == 1


def test_the_same_key_for_something_else_is_refused(probe: ProbeHouse) -> None:
    key = new_id()
    probe.ask(make_mark, key=key, mark=f"{key} one")
    with pytest.raises(Invalid):
        probe.ask(make_mark, key=key, mark=f"{key} two")
    assert f"{key} two" not in probe.marks()

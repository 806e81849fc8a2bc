"""An event at which its process ends: tried a few times alone, then parked; what waits behind it is applied."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chassis.suspects import TRIES
from local.processes import wait_for
from tests.faults.probe.contract import mark_deadly
from tests.faults.probe.house import ProbeHouse

pytestmark = pytest.mark.requirement("O03", "O04")
BESIDE = 20


def outlived(probe: ProbeHouse, holds: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether it comes to hold, the process being started again each time that it dies."""

    def look() -> bool:
        if not probe.process("probe").alive():
            probe.house.start_one("probe-all")  # without waiting: it may be dead before it is ready
        return holds()

    return wait_for(look, seconds, every=0.1)


def told(probe: ProbeHouse, mark: str, deaths: int) -> set[str]:
    """The event among others, which are named."""
    beside = [f"beside {mark} {n}" for n in range(BESIDE)]
    of_all = [{"mark": name} for name in beside]
    of_all.insert(BESIDE // 2, {"mark": mark, "deaths": deaths})
    probe.tell_many(mark_deadly, of_all)
    return set(beside)


def test_an_event_that_ends_its_process_is_parked_and_the_rest_goes_on(probe: ProbeHouse, times: int) -> None:
    for n in range(times):
        mark, parked = f"deadly {n}", probe.parked()
        beside = told(probe, mark, deaths=10**6)
        assert outlived(probe, lambda: probe.parked() > parked), probe.diary.counted("perish")  # noqa: B023
        assert outlived(probe, lambda: beside <= probe.effects("perish").keys())  # noqa: B023
        probe.wait()
        effects = probe.effects("perish")
        assert {effects[name] for name in beside} == {1}
        assert mark not in effects
        assert TRIES < probe.diary.counted("perish")[mark] <= TRIES + 2, "first in company, then alone"
        assert probe.parked() == parked + 1


def test_an_event_that_its_process_survives_in_the_end_is_applied_once(probe: ProbeHouse, times: int) -> None:
    for n in range(times):
        mark, parked = f"survived {n}", probe.parked()
        everything = told(probe, mark, deaths=3) | {mark}
        assert outlived(probe, lambda: everything <= probe.effects("perish").keys())  # noqa: B023
        probe.wait()
        effects = probe.effects("perish")
        assert {effects[name] for name in everything} == {1}
        assert probe.parked() == parked

"""SIGTERM with work in hand: it is finished, answered and acknowledged, and nothing runs again."""

from __future__ import annotations

import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from local.processes import wait_for
from tests.faults.journal import IN_FLIGHT, Journal
from tests.faults.probe.contract import mark_slow
from tests.faults.probe.house import ProbeHouse
from tests.house.living import LivingHouse

pytestmark = pytest.mark.requirement("O04")


def test_what_is_in_flight_is_finished_and_nothing_runs_again(probe: ProbeHouse, times: int) -> None:
    for round in range(times):
        journal = Journal(probe)
        with ThreadPoolExecutor(IN_FLIGHT) as pool:
            probe.tell_many(mark_slow, [{"mark": f"slow {round} {n}", "pause": 0.15} for n in range(IN_FLIGHT)])
            calls = journal.in_flight(pool, f"stopped {round}", pause=1.0)
            assert wait_for(lambda: probe.diary.runs("dawdle"), 30)
            process = probe.process("probe")
            began = time.monotonic()
            process.signal(signal.SIGTERM)
            assert wait_for(lambda: not process.alive(), 20), "it did not leave"  # noqa: B023
            assert process.exit_code == 0
            assert time.monotonic() - began < 20
            for call in calls:
                call.result(5)  # answered before it left
        assert journal.unavailable == 0
        probe.start_again("probe")
        assert wait_for(lambda: len(probe.effects("dawdle")) == (round + 1) * IN_FLIGHT, 30)  # noqa: B023
        for handler in ("made", "dawdle"):
            assert set(probe.diary.counted(handler).values()) == {1}, f"{handler} ran again"
        assert not probe.redelivered(), "what was taken was not applied, but handed back"
        journal.check()


def test_a_process_that_waits_for_work_leaves_at_once(probe: ProbeHouse) -> None:
    process = probe.process("probe")
    process.signal(signal.SIGTERM)
    assert wait_for(lambda: not process.alive(), 10)
    assert process.exit_code == 0
    probe.start_again("probe")


def test_a_whole_service_of_the_house_leaves_while_it_is_asked(house: LivingHouse) -> None:
    """Not the probe but the five: each leaves within its time with nothing in hand, and comes back."""
    for name in house.house.names():
        if name == "gateway":
            continue
        process = house.process(name)
        process.signal(signal.SIGTERM)
        assert wait_for(lambda: not process.alive(), 20), f"{name} did not leave"  # noqa: B023
        assert process.exit_code == 0
        house.start_again(name)

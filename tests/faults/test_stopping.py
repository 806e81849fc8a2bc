"""SIGTERM with work in hand: it is finished, answered and acknowledged, and nothing runs again."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from local.processes import wait_for
from tests.faults.journal import Journal
from tests.faults.probe.contract import mark_slow
from tests.faults.probe.house import ProbeHouse
from tests.house.living import LivingHouse

pytestmark = pytest.mark.requirement("O04")
IN_FLIGHT = 10


def marks_in_flight(house: ProbeHouse, journal: Journal, pool: ThreadPoolExecutor, name: str, pause: float) -> list:
    """Ten calls that have begun and are not answered."""
    marks = [f"{name} {n}" for n in range(IN_FLIGHT)]
    calls = [pool.submit(journal.write, mark, pause=pause, deadline=5.0) for mark in marks]
    assert wait_for(lambda: set(marks) <= house.diary.counted("made").keys(), 10), "not all calls began"
    return calls


def test_what_is_in_flight_is_finished_and_nothing_runs_again(probe: ProbeHouse, times: int) -> None:
    for round in range(times):
        journal = Journal(probe)
        with ThreadPoolExecutor(IN_FLIGHT) as pool:
            probe.tell_many(mark_slow, [{"mark": f"slow {round} {n}", "pause": 0.15} for n in range(IN_FLIGHT)])
            calls = marks_in_flight(probe, journal, pool, f"stopped {round}", 1.0)
            assert wait_for(lambda: probe.diary.runs("dawdle"), 10)
            process = probe.process("probe")
            began = time.monotonic()
            process.signal(signal.SIGTERM)
            assert wait_for(lambda: not process.alive(), 20), "it did not leave"  # noqa: B023
            assert process.exit_code == 0
            assert time.monotonic() - began < 20
            for call in calls:
                call.result(1)  # answered before it left
        assert journal.unavailable == 0
        probe.start_again("probe")
        assert wait_for(lambda: len(probe.effects("dawdle")) == (round + 1) * IN_FLIGHT, 15)  # noqa: B023
        for handler in ("made", "dawdle"):
            assert set(probe.diary.counted(handler).values()) == {1}, f"{handler} ran again"
        assert not probe.redelivered(), "what was taken was not applied, but handed back"
        journal.check()


def test_a_process_that_waits_for_work_leaves_at_once(probe: ProbeHouse) -> None:
    process = probe.process("probe")
    process.signal(signal.SIGTERM)
    assert wait_for(lambda: not process.alive(), 5)
    assert process.exit_code == 0
    probe.start_again("probe")


@pytest.mark.parametrize("silent", [signal.SIGKILL, signal.SIGSTOP], ids=["dead", "frozen"])
def test_without_a_broker_it_leaves_all_the_same(
    a_probe: Callable[..., ProbeHouse], a_broker: Callable, silent: signal.Signals
) -> None:
    broker = a_broker()
    house = a_probe(broker=broker)
    journal = Journal(house)
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        calls = marks_in_flight(house, journal, pool, "orphaned", 2.0)
        broker.process.signal(silent)
        process = house.process("probe")
        process.signal(signal.SIGTERM)
        assert wait_for(lambda: not process.alive(), 25), "it did not leave"
        broker.kill()
        broker.start_again()
        house.start_again("probe")
        for call in calls:
            call.result(30)
    journal.check()


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

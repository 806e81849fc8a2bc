"""A service that is stopped or frozen: calls are answered in bounded time, and nothing is done for who gave up."""

from __future__ import annotations

import datetime as dt
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine

from chassis.calls import Calls, Context
from contracts.errors import Unavailable
from local.processes import wait_for
from tests.faults.journal import Journal
from tests.faults.probe.contract import echo, make_mark
from tests.faults.probe.house import ProbeHouse
from tests.house.living import manage

pytestmark = pytest.mark.requirement("G06")
DEADLINE = 1.0
LATE = 4.0


def calls_in_vain(house: ProbeHouse, count: int, name: str) -> list[str]:
    """Ask so many times for a mark, and be refused within the time limit each time."""

    def ask(mark: str) -> str:
        began = time.monotonic()
        with pytest.raises(Unavailable):
            house.calls.ask(make_mark, {"mark": mark}, Context(key=mark, deadline=DEADLINE))
        assert time.monotonic() - began < DEADLINE + LATE
        return mark

    with ThreadPoolExecutor(50) as pool:
        return list(pool.map(ask, [f"{name} {n}" for n in range(count)]))


def test_what_was_asked_of_a_stopped_service_is_never_done(probe: ProbeHouse, times: int) -> None:
    probe.process("probe").stop()
    in_vain = calls_in_vain(probe, 100 * times, "stopped")
    probe.start_again("probe")
    Journal(probe).write("alive")
    assert not probe.diary.counted("made").keys() & set(in_vain), "zombies"
    assert not probe.marks().keys() & set(in_vain)


@pytest.mark.parametrize("ahead", [0, 3600, -3600])
def test_what_was_asked_of_a_frozen_service_is_never_done(probe: ProbeHouse, times: int, ahead: int) -> None:
    """Whether the caller's clock agrees with the service's, or is an hour ahead or behind."""
    for n in range(times):
        probe.process("probe").signal(signal.SIGSTOP)
        with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=ahead)):
            in_vain = calls_in_vain(probe, 60, f"frozen {ahead} {n}")
        probe.process("probe").signal(signal.SIGCONT)
        Journal(probe).write(f"thawed {ahead} {n}")
        assert not probe.diary.counted("made").keys() & set(in_vain), "zombies"


def test_calls_that_run_out_of_time_leave_nothing_behind(probe: ProbeHouse, times: int) -> None:
    """No queue, and no connection that is not used again, however often it happens."""

    def connections() -> int:
        return len(manage(probe.servers, "GET", f"vhosts/{probe.name}/connections"))

    probe.calls.close()
    queues = probe.queues().keys()
    assert wait_for(lambda: connections() > 0, 30), "the broker tells of none"
    before = connections()
    for n in range(times):
        probe.process("probe").signal(signal.SIGSTOP)
        calls_in_vain(probe, 60, f"left behind {n}")
        probe.process("probe").signal(signal.SIGCONT)
    Journal(probe).write("alive")
    assert wait_for(lambda: connections() <= before + 1, 60), "connections are left"
    assert probe.queues().keys() == queues


def test_callers_of_a_frozen_service_soon_stop_waiting_and_soon_ask_again(probe: ProbeHouse) -> None:
    """A row of timeouts shuts the door for a while: a slow service does not take every thread of its callers."""
    careful = Calls(probe.env["RAPPORT_AMQP_URI"], row=3, rest=0.5)
    context = Context(deadline=0.5)
    probe.process("probe").signal(signal.SIGSTOP)
    try:
        for _ in range(3):
            with pytest.raises(Unavailable):
                careful.ask(echo, {"text": "anyone?"}, context)
        began = time.monotonic()
        for _ in range(20):
            with pytest.raises(Unavailable):
                careful.ask(echo, {"text": "anyone?"}, context)
        assert time.monotonic() - began < 20 * 0.5 / 2
    finally:
        probe.process("probe").signal(signal.SIGCONT)
    ends = time.monotonic() + 30
    while True:
        try:
            assert careful.ask(echo, {"text": "again"}, context) == {"text": "again"}
            break
        except Unavailable:
            assert time.monotonic() < ends
            time.sleep(0.1)
    careful.close()

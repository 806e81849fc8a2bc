"""A flood of events with slow handlers: requests are answered as before."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

import pytest

from local.processes import wait_for
from tests.faults.probe.contract import echo, mark_made, mark_slow
from tests.faults.probe.house import ProbeHouse
from tests.house.keeper import Servers

pytestmark = pytest.mark.requirement("O02")
ASKED = 200
SLOW = 1.0
SLOW_ONES = 60
"""Seconds of a slow handler: a request that waits for one takes longer, one that does not takes a fraction."""


@pytest.fixture(scope="module")
def apart(servers: Servers) -> Iterator[ProbeHouse]:
    """The probe as it runs in production: requests in one process, events in another."""
    house = ProbeHouse(servers, apart=True)
    try:
        yield house.open()
    finally:
        house.close()


def seconds_to_answer(house: ProbeHouse) -> tuple[float, float]:
    """The median and the 99th percentile."""
    taken = []
    for _ in range(ASKED):
        began = time.perf_counter()
        house.calls.ask(echo, {"text": "?"})
        taken.append(time.perf_counter() - began)
    return statistics.median(taken), statistics.quantiles(taken, n=100)[98]


def test_requests_are_answered_as_before(apart: ProbeHouse, times: int) -> None:
    seconds_to_answer(apart)  # warm up
    median, slowest = seconds_to_answer(apart)
    flood = [{"mark": f"quick {n}"} for n in range(1000 * times)]
    flood += [{"mark": f"slow {n}", "pause": SLOW} for n in range(SLOW_ONES)]  # last, for quick ones go as they come
    apart.tell_many(mark_slow, flood)
    assert wait_for(lambda: apart.diary.runs("dawdle"), 30)
    median_then, slowest_then = seconds_to_answer(apart)
    assert len(apart.effects("dawdle")) < len(flood), "the flood was over before the end"
    assert median_then < median + SLOW / 5
    assert slowest_then < slowest + SLOW
    apart.diary.enough()
    assert wait_for(lambda: len(apart.effects("dawdle")) == len(flood), 60 * times)
    apart.diary.enough(False)
    assert set(apart.effects("dawdle").values()) == {1}


def test_a_slow_listener_holds_up_no_other(apart: ProbeHouse) -> None:
    apart.tell_many(mark_slow, [{"mark": f"held up {n}", "pause": 60.0} for n in range(3)])
    apart.tell(mark_made, "quick")
    assert wait_for(lambda: "quick" in apart.effects("follow"), 30)
    assert "held up 2" not in apart.effects("dawdle")
    apart.diary.enough()

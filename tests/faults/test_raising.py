"""A listener that fails: tried again at the planned delays, parked once when it never works, and the rest goes on."""

from __future__ import annotations

from itertools import pairwise

import pytest

from local.processes import wait_for
from tests.faults.probe.contract import mark_stumbling
from tests.faults.probe.house import ProbeHouse

pytestmark = pytest.mark.requirement("O03")
DELAYS = (0.2, 0.4, 0.8)
LATE = 5.0
"""So much later than planned may a run be on a busy machine."""


@pytest.mark.parametrize("k", [0, 1, 3])
def test_raising_k_times_gives_k_plus_one_runs_at_the_planned_delays(probe: ProbeHouse, times: int, k: int) -> None:
    for n in range(times):
        mark = f"raises {k} times, {n}"
        probe.tell(mark_stumbling, mark, times=k)
        assert wait_for(lambda: mark in probe.effects("stumble"), 30)  # noqa: B023
        began = [run.at for run in probe.diary.runs("stumble", mark)]
        assert len(began) == k + 1
        gaps = [later - earlier for earlier, later in pairwise(began)]
        assert all(planned * 0.9 <= gap <= planned + LATE for gap, planned in zip(gaps, DELAYS, strict=False)), gaps
        assert probe.effects("stumble")[mark] == 1


def test_raising_for_ever_is_parked_once_and_the_rest_goes_on(probe: ProbeHouse, times: int) -> None:
    parked = probe.parked()
    hopeless = [f"hopeless {n}" for n in range(2 * times)]
    fine = [f"fine {n}" for n in range(10 * times)]
    told = [{"mark": mark, "times": 99} for mark in hopeless] + [{"mark": mark} for mark in fine]
    probe.tell_many(mark_stumbling, told)
    assert wait_for(lambda: set(fine) <= probe.effects("stumble").keys(), 30 + times), "the rest waited"
    assert wait_for(lambda: probe.parked() == parked + len(hopeless), 30 + times)
    assert not set(hopeless) & probe.effects("stumble").keys()
    runs = probe.diary.counted("stumble")
    # One run for each delay and the first, and one more each time that it was the first of a batch, then tried alone.
    assert all(len(DELAYS) + 1 <= runs[mark] <= 2 * (len(DELAYS) + 1) for mark in hopeless)
    assert probe.parked() == parked + len(hopeless)

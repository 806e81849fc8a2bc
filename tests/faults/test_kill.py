"""kill -9 at the worst places: between the change and its commit, its acknowledgement, and its announcement."""

from __future__ import annotations

import time

import pytest

from local.processes import wait_for
from tests.faults.journal import HASTE, Journal
from tests.faults.probe.dying import PLACES
from tests.faults.probe.house import ProbeHouse

pytestmark = pytest.mark.requirement("O04")
AT_WORK_SECONDS = 5.0 * HASTE


@pytest.mark.parametrize("place", PLACES)
def test_a_process_killed_there_loses_nothing_and_does_nothing_twice(probe: ProbeHouse, times: int, place: str) -> None:
    journal = Journal(probe)
    for death in range(times):
        die_and_come_back(probe, journal, place, 1 + (7 * death + PLACES.index(place)) % 23)
    journal.check()


def die_and_come_back(probe: ProbeHouse, journal: Journal, place: str, nth: int) -> None:
    probe.doomed_to_die(place, nth)
    doomed = probe.process("probe")
    with journal.writers():
        assert wait_for(lambda: not doomed.alive(), 30), f"it never came by {place} for the {nth}. time"
        probe.start_again("probe")
        began = time.monotonic()
        journal.write(f"first after {time.time_ns()}")
        assert time.monotonic() - began < AT_WORK_SECONDS

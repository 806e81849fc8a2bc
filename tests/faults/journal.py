"""The oracle of every fault: what a client was told, held against what is really there."""

from __future__ import annotations

import os
import time
from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager

from chassis.calls import Context
from chassis.ids import new_id
from contracts.errors import Problem, Unavailable
from local.processes import wait_for
from tests.faults.busy import busy
from tests.faults.probe.contract import make_mark
from tests.faults.probe.house import ProbeHouse

PATIENCE = 60.0
IN_FLIGHT = 10
HASTE = 1 if "FAULTS_TIMES" in os.environ else 3
"""What is promised in seconds is measured by the soak; in the suite others are at work on the same two cores."""


class Journal:
    """Clients who ask again, with the same key, until they are answered, and write down what they heard."""

    def __init__(self, house: ProbeHouse) -> None:
        self.house = house
        self.answered: dict[str, int] = {}
        self.unavailable = 0

    def write(self, mark: str, *, pause: float = 0.0, deadline: float = 2.0) -> None:
        """Have one mark made, however long it takes."""
        ends = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self.house.calls.ask(
                    make_mark, {"mark": mark, "pause": pause}, Context(key=mark, deadline=deadline)
                )
            except Problem as problem:
                if not (isinstance(problem, Unavailable) or "retry_after" in problem.extra) or time.monotonic() > ends:
                    raise
                self.unavailable += 1
                time.sleep(0.05)
            else:
                self.answered[mark] = answer["number"]
                return

    def writers(self, count: int = 4, *, rest: float = 0.01) -> AbstractContextManager[None]:
        """So many clients write one mark after the other while something happens."""
        return busy(count, lambda: self.write(f"{self.house.name}-{new_id()}"), rest=rest, patience=PATIENCE + 10)

    def in_flight(self, pool: ThreadPoolExecutor, name: str, *, pause: float) -> list[Future[None]]:
        """Ten calls that have begun, take so many seconds, and are not answered."""
        marks = {f"{name} {n}" for n in range(IN_FLIGHT)}
        calls = [pool.submit(self.write, mark, pause=pause, deadline=5.0) for mark in marks]
        assert wait_for(lambda: marks <= self.house.diary.counted("made").keys(), 30), "not all calls began"
        return calls

    def check(self, seconds: float = 20.0) -> None:
        """Nothing answered is lost, nothing is there twice, everything that was told arrived, once, and gapless.

        What was told is waited for as long as some of it is applied every so many seconds.
        """
        marks, heard = self.house.marks(), -1
        while len(effects := self.house.effects("follow")) > heard and marks.keys() - effects.keys():
            heard = len(effects)
            wait_for(lambda heard=heard: len(self.house.effects("follow")) > heard, seconds, every=0.2)
        assert self.answered, "the journal is empty"
        assert not (self.answered.keys() - marks.keys()), "lost: answered, and not there"
        assert not _twice(marks), "dup: written more than once"
        unheard = marks.keys() - effects.keys()
        assert not unheard, f"lost: written, and never heard of: {self._whereabouts(unheard)}"
        assert not _twice(effects), "dup: applied more than once"
        with self.house.database("probe").connect() as connection:
            told = connection.exec_driver_sql("SELECT count(*), count(position), max(position) FROM events").one()
        assert tuple(told) == (len(marks),) * 3, "the log of events has gaps"

    def _whereabouts(self, marks: Collection[str]) -> str:
        """What is known of events that did not arrive: how many were told, and what waits at the broker."""
        with self.house.database("probe").connect() as connection:
            asked = "SELECT count(*), count(position), max(position) FROM events WHERE data->>'mark' = ANY(%s)"
            logged = connection.exec_driver_sql(asked, (list(marks),)).one()
            relay = connection.exec_driver_sql("SELECT * FROM relay").mappings().one()
        waiting = {name: queue.get("messages") for name, queue in self.house.queues().items()}
        return f"{len(marks)}, in the log {logged}, relay {dict(relay)}, parked {self.house.parked()}, queues {waiting}"


def _twice(counted: dict[str, int]) -> dict[str, int]:
    return {mark: count for mark, count in counted.items() if count != 1}

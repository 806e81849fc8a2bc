"""How things are measured: interleaved rounds, medians, CPU seconds of every process that takes part."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import psutil


@dataclass
class Series:
    """Rounds of one contestant: operations a second, and CPU seconds an operation over all its processes."""

    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """The median rate."""
        return statistics.median(self.rates)

    def beside(self, other: Series) -> float:
        """How many times as fast, the median of the rounds: what disturbs a round disturbs both who run in it."""
        return statistics.median(mine / theirs for mine, theirs in zip(self.rates, other.rates, strict=True))

    def cpu_beside(self, other: Series) -> float:
        """How many times as much CPU an operation, the median of the rounds."""
        return statistics.median(mine / theirs for mine, theirs in zip(self.cpu, other.cpu, strict=True))

    @property
    def cpu_each(self) -> float:
        """The median CPU seconds an operation."""
        return statistics.median(self.cpu)


@dataclass(frozen=True)
class Contestant:
    """Something to be measured: `begin()` makes what one caller calls; `pids` are the processes that serve it.

    `finish()` waits for what the calls have set going, and is part of their time.
    """

    name: str
    begin: Callable[[], Callable[[], object]]
    pids: Sequence[int]
    finish: Callable[[], object] = lambda: None


def cpu_seconds(pids: Sequence[int]) -> float:
    """User and system seconds used so far by these processes and their children."""
    total = 0.0
    for pid in pids:
        process = psutil.Process(pid)
        for each in [process, *process.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):  # PostgreSQL's helpers come and go
                times = each.cpu_times()
                total += times.user + times.system
    return total


def race(
    contestants: Sequence[Contestant],
    *,
    callers: int,
    calls: int,
    rounds: int,
    calm: Callable[[], object] = lambda: None,
) -> dict[str, Series]:
    """Let them run in turn, many short rounds forth and back, each with so many callers sharing so many calls.

    Before each turn `calm()` waits, in nobody's time, until nothing is left of the one before.
    """
    series = {contestant.name: Series() for contestant in contestants}
    ready = {contestant.name: [contestant.begin() for _ in range(callers)] for contestant in contestants}
    for contestant in contestants:
        _run(ready[contestant.name], max(callers, calls // 4))
        contestant.finish()
    for n in range(rounds):
        for contestant in contestants if n % 2 else reversed(contestants):
            calm()
            own, before, started = time.process_time(), cpu_seconds(contestant.pids), time.perf_counter()
            _run(ready[contestant.name], calls)
            contestant.finish()
            seconds = time.perf_counter() - started
            used = cpu_seconds(contestant.pids) - before + time.process_time() - own
            series[contestant.name].rates.append(calls / seconds)
            series[contestant.name].cpu.append(used / calls)
    return series


def _run(callers: Sequence[Callable[[], object]], calls: int) -> None:
    def loop(call: Callable[[], object]) -> None:
        for _ in range(calls // len(callers)):
            call()

    threads = [threading.Thread(target=loop, args=(call,)) for call in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

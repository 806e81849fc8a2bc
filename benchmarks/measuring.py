"""How things are measured: interleaved rounds, medians, CPU seconds of every process that takes part."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Sequence
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

    @property
    def cpu_each(self) -> float:
        """The median CPU seconds an operation."""
        return statistics.median(self.cpu)


@dataclass(frozen=True)
class Contestant:
    """Something to be measured: `begin()` makes what one caller calls; `pids` are the processes that serve it."""

    name: str
    begin: Callable[[], Callable[[], object]]
    pids: Sequence[int]


def cpu_seconds(pids: Sequence[int]) -> float:
    """User and system seconds used so far by these processes and their children."""
    total = 0.0
    for pid in pids:
        process = psutil.Process(pid)
        for each in [process, *process.children(recursive=True)]:
            times = each.cpu_times()
            total += times.user + times.system
    return total


def race(contestants: Sequence[Contestant], *, callers: int, calls: int, rounds: int) -> dict[str, Series]:
    """Let them run in turn, round after round, each with so many callers sharing so many calls."""
    series = {contestant.name: Series() for contestant in contestants}
    ready = {contestant.name: [contestant.begin() for _ in range(callers)] for contestant in contestants}
    for name in ready:
        _run(ready[name], max(callers, calls // 10))
    for _ in range(rounds):
        for contestant in contestants:
            own, before = time.process_time(), cpu_seconds(contestant.pids)
            seconds = _run(ready[contestant.name], calls)
            used = cpu_seconds(contestant.pids) - before + time.process_time() - own
            series[contestant.name].rates.append(calls / seconds)
            series[contestant.name].cpu.append(used / calls)
    return series


def _run(callers: Sequence[Callable[[], object]], calls: int) -> float:
    def loop(call: Callable[[], object]) -> None:
        for _ in range(calls // len(callers)):
            call()

    threads = [threading.Thread(target=loop, args=(call,)) for call in callers]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - started

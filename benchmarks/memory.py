"""Memory at rest: every process of the house, and all of it with its servers."""

from __future__ import annotations

import time
from collections.abc import Iterable

import psutil

from benchmarks.results import Figure
from benchmarks.stage import Stage

LARGEST_MIB = 110
WHOLE_MIB = 1536
SETTLING_SECONDS = 5


def measure(stage: Stage) -> list[Figure]:
    """Proportional set sizes (shared pages divided among those who share them) some seconds after the last work."""
    time.sleep(SETTLING_SECONDS)
    sizes = sizes_of(stage)
    largest = max(sizes, key=lambda name: sizes[name])
    whole = sum(sizes.values()) + sum(_mib(_with_children(pid)) for pid in stage.servers.values())
    return [
        Figure("largest process of the house, MiB", sizes[largest], LARGEST_MIB, largest, at_most=True),
        Figure(
            "the whole with PostgreSQL and RabbitMQ, MiB", whole, WHOLE_MIB, f"{len(sizes)} processes", at_most=True
        ),
    ]


def sizes_of(stage: Stage) -> dict[str, float]:
    """MiB of each process of the house, by its name and id."""
    return {
        f"{name} ({each.pid})": _mib([each])
        for name, process in stage.house.processes.items()
        for each in _with_children(process.pid)
    }


def _with_children(pid: int) -> Iterable[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def _mib(processes: Iterable[psutil.Process]) -> float:
    return sum(process.memory_full_info().pss for process in processes) / 1024 / 1024

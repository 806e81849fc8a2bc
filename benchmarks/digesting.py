"""What an import and its undoing leave all services to hear of, until the house is at rest again."""

from __future__ import annotations

import time
from collections.abc import Callable

from benchmarks.importing import imported, undone
from benchmarks.measuring import cpu_seconds
from benchmarks.results import Figure
from benchmarks.stage import LOOK_SECONDS, Stage

FIRST = 1_000_000
"""The number of the first person: apart from those of the section on imports."""


def measure(on: Stage, *, rows: int = 20_000) -> list[Figure]:
    """Import once and take it back, each time until everybody has heard everything."""
    file, port = on.folder / "people.csv", on.house.gateway_port
    assert port is not None
    jobs: list[str] = []

    def bring() -> float:
        job, seconds = imported(port, file, range(FIRST, FIRST + rows))
        jobs.append(job["id"])
        return seconds

    return [
        _digested(on, rows, f"import of {rows:,} rows", bring),
        _digested(on, rows, "undoing it", lambda: undone(port, jobs[0], rows)),
    ]


def _digested(on: Stage, rows: int, what: str, do: Callable[[], float]) -> Figure:
    """From its beginning until the house is at rest, beside the seconds that it takes by itself."""
    pids = list(on.pids.values())
    used, started = cpu_seconds(pids), time.perf_counter()
    alone = do()
    on.calm()
    rest = time.perf_counter() - started - LOOK_SECONDS  # the last look found nobody at work
    used = cpu_seconds(pids) - used
    thousands = rows / 1000
    remark = f"{rest / thousands:.1f} s and {used / thousands:.1f} s of CPU a thousand, in all processes"
    return Figure(f"{what}, until everybody has heard of it, beside the job alone", rest / alone, None, remark, True)

"""Every run of a handler, written down outside of any transaction: what a rollback takes back, the diary keeps."""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "PROBE_DIARY"


def note(what: str, mark: str) -> None:
    """Append one line, whole also when several processes write at once."""
    with open(os.environ[VARIABLE], "ab", buffering=0) as diary:
        diary.write(f"{what}\t{mark}\t{time.time()!r}\n".encode())


def diary_here() -> Diary:
    """The diary that this process writes."""
    return Diary(Path(os.environ[VARIABLE]))


@dataclass(frozen=True)
class Run:
    """One run of a handler."""

    what: str
    mark: str
    at: float


class Diary:
    """The diary as a test reads it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()

    def runs(self, what: str, mark: str | None = None) -> list[Run]:
        """The runs of one handler, all or those for a mark, in the order in which they began."""
        lines = [line.split("\t") for line in self.path.read_text().splitlines()]
        found = [Run(line[0], line[1], float(line[2])) for line in lines]
        return [run for run in found if run.what == what and mark in (None, run.mark)]

    def enough(self, had: bool = True) -> None:
        """Let whoever dawdles go on at once from now on, or no more."""
        sign = self.path.with_suffix(".enough")
        sign.touch() if had else sign.unlink(missing_ok=True)

    def had_enough(self) -> bool:
        """Whether nobody is to dawdle any longer."""
        return self.path.with_suffix(".enough").exists()

    def counted(self, what: str) -> Counter[str]:
        """How often a handler ran for each mark."""
        return Counter(run.mark for run in self.runs(what))

"""What the person at the terminal sees: one line a step, with its seconds."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator


def say(text: str) -> None:
    """Write one line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class Step:
    """A step under way; `note` is added to its line."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.note = ""


@contextlib.contextmanager
def step(what: str, *, since: float | None = None) -> Iterator[Step]:
    """Say what was done and how long it took, counted from `since` when it began earlier, beside other things."""
    began = time.monotonic() if since is None else since
    under_way = Step(what)
    if sys.stdout.isatty():
        sys.stdout.write(f"  {what} …\r")
        sys.stdout.flush()
    yield under_way
    text = f"{what} {under_way.note}".rstrip()
    say(f"  {text:<70} {time.monotonic() - began:5.1f} s")

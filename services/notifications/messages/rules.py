"""How long to wait before the next try, and what follows from the result of one."""

from __future__ import annotations

import datetime as dt

HIDDEN = "••••••"
"""Where a one-time code stands in a letter when it is handed over, and nowhere else."""
PAUSES = tuple(dt.timedelta(seconds=s) for s in (10, 60, 300, 1800, 7200, 21600))
"""Waited after the first, second, … attempt that certainly delivered nothing; after the last there is none."""


def pause_after(attempts: int) -> dt.timedelta | None:
    """The wait before the next try, or None when it is enough."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else None


def state_after(state: str, result: str, attempts: int) -> str:
    """The state that a message is in once an attempt gave `result`.

    A message given up as `unknown` may have been sent again by a person: late news can settle it, never requeue it.
    """
    if result != "retry":
        return result
    return "queued" if state == "sending" and pause_after(attempts) else "failed"

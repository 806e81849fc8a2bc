"""How long a caller still waits, told in seconds and not as a time of day: the clocks of two machines need not agree.

What waits at the broker is dropped there when its time is over (message expiry). What the broker has handed over waits
unread while a process is frozen; that is what the pulse is for.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

from chassis import wire

UNTOLD_SECONDS = 5.0
BEAT_SECONDS = 0.1
SPARED_SECONDS, SPARED = 0.1, 0.1
"""So much of the time that its caller has, in seconds and as a part of it, an inner question leaves at the least."""
LATE_SECONDS = 0.5
"""A beat that is later by no more than this says only that the process is busy."""


class Pulse:
    """Beats while the process runs. What is read after a gap may have come at the beginning of it."""

    def __init__(self, sleep: Callable[[float], None]) -> None:
        self._sleep = sleep
        self._last = self._before = time.monotonic()

    def beat(self) -> None:
        """The body of a green thread."""
        while True:
            self._before, self._last = self._last, time.monotonic()
            self._sleep(BEAT_SECONDS)

    def earliest_arrival(self) -> float:
        """When, on the monotonic clock, that may have come at the earliest which is read now.

        The last beat but one is asked: a process that thaws may beat once before it reads.
        """
        now = time.monotonic()
        return self._before if now - self._before > LATE_SECONDS else now


def seconds_for_inner(left: float) -> float:
    """How long to wait for another service, so that the caller is still there to hear which of them was silent."""
    return max(0.001, left - max(SPARED_SECONDS, SPARED * left))


def seconds_told(headers: Mapping[str, Any]) -> float:
    """How long the caller waits, as it said; five seconds when it said nothing that can be understood."""
    try:
        told = float(headers[wire.SECONDS_LEFT])
    except (KeyError, TypeError, ValueError):
        return UNTOLD_SECONDS
    return told if math.isfinite(told) else UNTOLD_SECONDS

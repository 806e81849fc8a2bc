"""The bulkhead and the circuit breaker before one service."""

from __future__ import annotations

import threading
import time

from contracts.errors import Unavailable


class Gate:
    """Keeps a slow service from taking every thread: so many calls at once, and none for a while after a row of
    timeouts, but one to try."""

    def __init__(self, service: str, at_once: int, row: int, rest: float) -> None:
        self._service, self._at_once, self._row, self._rest = service, at_once, row, rest
        self._lock = threading.Lock()
        self._inside = self._timeouts = 0
        self._shut_until = 0.0

    def enter(self) -> None:
        with self._lock:
            now = time.monotonic()
            if self._timeouts >= self._row:
                if now < self._shut_until:
                    raise Unavailable(f"The service {self._service} does not answer.", retry_after=2)
                self._shut_until = now + self._rest  # this call is the one that tries
            if self._inside >= self._at_once:
                raise Unavailable(f"The service {self._service} has too many calls waiting.", retry_after=1)
            self._inside += 1

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1

    def judge(self, *, timed_out: bool) -> None:
        """Learn from a call that was answered, or was not."""
        with self._lock:
            self._timeouts = self._timeouts + 1 if timed_out else 0
            self._shut_until = time.monotonic() + self._rest

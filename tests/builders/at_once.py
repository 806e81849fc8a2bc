"""Many who ask at the same time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from chassis.ids import new_id
from contracts.errors import Conflict, Problem, Unavailable

PATIENCE = 30.0
"""Seconds that one of a hundred may wait for its turn on a busy machine."""


def at_once(
    calls: Iterable[Callable[..., Any]], workers: int = 100, refusals: tuple[type[Problem], ...] = (Conflict,)
) -> list[Any]:
    """Make all calls at the same time; answers what each gave or raised. Who finds the door full knocks again."""

    def made(call: Callable[..., Any]) -> Any:
        key = new_id()
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return call(key=key, deadline=PATIENCE)
            except refusals as refused:
                return refused
            except Unavailable as full:
                if "retry_after" not in full.extra or time.monotonic() > until:
                    raise
                time.sleep(0.02)

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(made, calls))

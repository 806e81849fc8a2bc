"""Work that would hold up a green process, done in a real thread while the others go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from eventlet import tpool

T = TypeVar("T")
tpool.set_num_threads(4)  # more would only fight over the interpreter's lock, and the green thread loses such fights


def in_thread(do: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Answer `do(…)`; it must not touch the session or anything else green. What it raises is raised here."""
    return tpool.execute(do, *args, **kwargs)

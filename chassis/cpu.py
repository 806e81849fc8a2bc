"""Work that would hold up a green process, done in a real thread while the others go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from eventlet import tpool
from eventlet.semaphore import Semaphore

T = TypeVar("T")
tpool.set_num_threads(4)  # more would only fight over the interpreter's lock, and the green thread loses such fights
_alone = Semaphore()


def in_thread(do: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Answer `do(…)`; it must not touch the session or anything else green. What it raises is raised here."""
    return tpool.execute(do, *args, **kwargs)


def alone_in_thread(do: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """As `in_thread`, and one after the other: for what runs asyncio inside.

    asyncio keeps its running loop in a thread local. eventlet makes these green, and two real threads then find each
    other's: "asyncio.run() cannot be called from a running event loop".
    """
    with _alone:
        return in_thread(do, *args, **kwargs)

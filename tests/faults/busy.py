"""People at work in the background while something happens."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def busy(count: int, work: Callable[[], object], *, rest: float = 0.0, patience: float) -> Iterator[None]:
    """So many do this again and again, with so many seconds of rest between; what troubles one of them is raised.

    At the end each has so many seconds to finish what it is at.
    """
    enough = threading.Event()
    troubles: list[BaseException] = []

    def go_on() -> None:
        try:
            while not enough.wait(rest):
                work()
        except BaseException as trouble:
            troubles.append(trouble)

    threads = [threading.Thread(target=go_on, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        enough.set()
        for thread in threads:
            thread.join(patience)
    if troubles:
        raise troubles[0]

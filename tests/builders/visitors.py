"""Who is on the way to which address, so that a house can be left when nobody stands at its door any more."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.builders.waiting import eventually


class Visitors:
    """Come to the address that `where()` tells at that moment, as a balancer sends them."""

    def __init__(self, where: Callable[[], str]) -> None:
        self._where = where
        self._there: Counter[str] = Counter()
        self._door = threading.Lock()

    @contextmanager
    def on_the_way(self) -> Iterator[str]:
        """Somebody goes to that address, and is gone from it at the end."""
        with self._door:
            address = self._where()
            self._there[address] += 1
        try:
            yield address
        finally:
            with self._door:
                self._there[address] -= 1

    def all_moved(self) -> None:
        """Wait until nobody is at another address than the one that is told now."""
        eventually(lambda: self._elsewhere() == 0, seconds=60)

    def _elsewhere(self) -> int:
        with self._door:
            return self._there.total() - self._there[self._where()]

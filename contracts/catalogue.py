"""Everything that is published, found by walking the contracts: no list of it is kept by hand."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TypeVar

import contracts
from contracts.language import Event, Rpc

Published = TypeVar("Published", Rpc, Event)


@cache
def all_rpcs() -> tuple[Rpc, ...]:
    """Every question and command of every service, by service and name."""
    return tuple(sorted(_published(Rpc), key=str))


@cache
def all_events() -> tuple[Event, ...]:
    """Every kind of event of every service, by service and type."""
    return tuple(sorted(_published(Event), key=lambda event: (event.service, event.type)))


def _published(kind: type[Published]) -> Iterator[Published]:
    """Yield each once, however many modules import its name; two of one name are refused."""
    seen: dict[tuple[str, str], Published] = {}
    for module in pkgutil.walk_packages(contracts.__path__, "contracts."):
        for thing in _in_reach(vars(importlib.import_module(module.name)).values()):
            if not isinstance(thing, kind):
                continue
            if seen.setdefault((thing.service, str(thing)), thing) is not thing:
                raise ImportError(f"{thing.service} publishes {thing} twice, the second time in {module.name}.")
    yield from seen.values()


def _in_reach(things: Iterable[object]) -> Iterator[object]:
    """A module's things, and those in its tables, where a service each has its own."""
    for thing in things:
        yield from thing.values() if isinstance(thing, dict) else (thing,)

"""The doors of a room, one line each: `add_tag = serves(tags.add_tag, actions.add_tag)`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nameko.extensions import register_entrypoint

from chassis import errands as _errands, events, rpc, running, timers, tracing
from contracts.language import Event, Rpc

MANY = 256
"""So many events at a time for a reaction that takes hardly longer for them than for a few: a statement for all."""


class Room:
    """The doors of one feature; a service is the sum of its rooms."""


def serves(asked: Rpc, action: Callable[..., Any]) -> Callable[..., Any]:
    """Answer an Rpc by `action(work, request)`: a write in one transaction, a read outside of any."""

    def door(service: Any, delivery: Any) -> None:
        rpc.answer(service.runtime, action, asked, delivery)

    register_entrypoint(door, rpc.Serving(asked, action))
    return door


def hears(told: Sequence[Event], reaction: Callable[..., Any]) -> Callable[..., Any]:
    """React to each event by `reaction(work, event)`, once."""

    def each(work: Any, batch: list[Any]) -> None:
        for event in batch:
            work.because_of([event])
            with tracing.traces.hearing(event):
                reaction(work, event)

    return hears_many(told, each)


def hears_many(
    told: Sequence[Event], reaction: Callable[..., Any], gather: float = 0.0, most: int = events.BATCH
) -> Callable[..., Any]:
    """React to events as they come, `most` at a time, by `reaction(work, events)`, each once.

    After the first one, more are gathered for so many seconds: for what nobody waits for, a transaction of many costs
    little more than one of one.
    """

    def door(service: Any, work: Any, batch: Any) -> None:
        reaction(work, batch)

    register_entrypoint(door, events.Hearing(tuple(told), reaction, gather, most))
    return door


def does(kind: str, step: Callable[..., Any], *, asks: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """Do jobs of this kind by `step(work, job)`, one transaction a step, until the job is finished.

    What a step needs of other services is asked by `asks(work, job)` before it, and handed over: `step(work, job,
    told)`. It may ask again after a crash, so a command among it carries a key.
    """

    def door(service: Any, work: Any, job: Any) -> None:
        step(work, job)

    register_entrypoint(door, running.Doing(kind, step, asks))
    return door


def ticks(seconds: float, action: Callable[..., Any]) -> Callable[..., Any]:
    """Run `action(work)` every so many seconds, in one process of all."""

    def door(service: Any, work: Any) -> None:
        action(work)

    register_entrypoint(door, timers.Ticking(seconds, action))
    return door


def errands(claim: Callable[..., Any], perform: Callable[..., Any], settle: Callable[..., Any]) -> Callable[..., Any]:
    """Do what has an effect outside: `claim(work)`, `perform(item)`, `settle(work, item, outcome, error)`."""

    def door(service: Any, item: Any) -> None:
        perform(item)

    register_entrypoint(door, _errands.Running(claim, perform, settle))
    return door

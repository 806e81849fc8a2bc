"""Doing what a request asks: who asks, one transaction a write, done once for each key, and again when that helps."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from eventlet import sleep
from marshmallow import ValidationError
from sqlalchemy.exc import DataError, IntegrityError

from chassis import wire
from chassis.consumer import Delivery
from chassis.database import TROUBLE, is_gone, is_held_up, is_worth_repeating
from chassis.idempotency import AlreadyDone, Once
from chassis.work import Work
from contracts.errors import Invalid, Problem, Unavailable
from contracts.language import Rpc

if TYPE_CHECKING:
    from chassis.service import Runtime

TRIES = 4


def perform(runtime: Runtime, rpc: Rpc, action: Callable[..., Any], delivery: Delivery) -> Any:
    """Do what a message asks, and give the answer as data; every refusal is a Problem."""
    headers = delivery.headers
    actor = runtime.doorman.recognise(headers.get(wire.ACTOR))
    actor.permit(rpc.needs)
    arguments = wire.request_from_wire(delivery.body)
    request = _load(runtime, rpc, arguments)
    told = {
        "actor": actor,
        "expected_version": _whole_number(headers.get(wire.VERSION)),
        "request_id": headers.get(wire.REQUEST_ID),
        "traceparent": headers.get(wire.TRACE),
        "ends": delivery.ends,
    }
    if not rpc.writes:
        return _persist(lambda _: _read(runtime, rpc, action, request, told), delivery)
    clients = headers.get(wire.KEY)
    key = clients or delivery.properties.get("correlation_id")
    doubtful = bool(clients) or delivery.redelivered
    same = {name: value for name, value in arguments.items() if name not in rpc.incidental}

    def attempt(tries: int) -> Any:
        once = None
        if key and rpc.remembered:
            secrets = runtime.settings.secrets
            once = Once(actor=actor.id, method=str(rpc), key=key, request=same, secrets=secrets)
        return _write(runtime, rpc, action, request, {**told, "key": key}, once, doubtful or tries > 0)

    return _persist(attempt, delivery)


def _persist(attempt: Callable[[int], Any], delivery: Delivery) -> Any:
    """Try again when the database was lost or two transactions got in a knot, until the caller has given up."""
    for tries in range(TRIES):
        try:
            return attempt(tries)
        except DataError as error:
            raise Invalid("A value is outside of what can be stored.") from error
        except TROUBLE as error:
            left = delivery.ends - time.monotonic()
            if is_held_up(error):
                raise Unavailable("Somebody else is at work on this.", retry_after=2) from error
            if not is_worth_repeating(error):
                raise
            if tries + 1 == TRIES or left < 0.5:
                raise Unavailable("The database cannot be reached.", retry_after=2) from error
            sleep(min(0.3 * 2**tries if is_gone(error) else 0.02, left / 2))
    raise AssertionError("unreachable")


def _read(runtime: Runtime, rpc: Rpc, action: Callable[..., Any], request: Any, told: dict[str, Any]) -> Any:
    with Work(runtime, reading=True, **told) as work:
        return runtime.schema(rpc.gives).dump(action(work, request))


def _write(
    runtime: Runtime, rpc: Rpc, action: Callable[..., Any], request: Any, told: dict, once: Once | None, doubtful: bool
) -> Any:
    if once is None:
        with Work(runtime, **told) as work:
            return runtime.schema(rpc.gives).dump(action(work, request))
    if doubtful:
        with runtime.reader() as session:
            found, answer = once.recall(session)
            if found:
                return answer
    try:
        with Work(runtime, **told) as work:
            work.once(once)
            once.answer = runtime.schema(rpc.gives).dump(action(work, request))
            once.answered = True
            _ = work.session  # a write that changed nothing stores its answer too
        return once.answer
    except AlreadyDone:
        return once.wait(runtime.reader, sleep, rpc.deadline)
    except (Problem, IntegrityError):  # perhaps only because the first call of this key had just done it
        with runtime.reader() as session:
            found, answer = once.recall(session)
            if found:
                return answer
        raise


def _load(runtime: Runtime, rpc: Rpc, arguments: dict[str, Any]) -> Any:
    try:
        return runtime.schema(rpc.takes).load(arguments)
    except ValidationError as error:
        raise Invalid("The request has invalid fields.", wire.pointers(error.messages)) from error


def _whole_number(value: Any) -> int | None:
    try:
        return None if value is None else int(value)
    except (TypeError, ValueError):
        return None

"""A connection to ask by: requests go out over direct reply-to, answers come back to whoever sent them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import amqp

from chassis import tracing
from chassis.broker import connect, discard, in_one_piece
from chassis.wire import (
    ACTOR,
    KEY,
    REQUEST_ID,
    RPC_EXCHANGE,
    SECONDS_LEFT,
    TRACE,
    VERSION,
    dumps,
    loads,
    problem_from_wire,
    result_as_written,
)  # fmt: skip
from contracts.errors import Problem, Unavailable
from contracts.language import Rpc

_REPLY_TO = "amq.rabbitmq.reply-to"


@dataclass(frozen=True)
class Context:
    """What travels with a call besides its request."""

    token: str | None = None
    request_id: str | None = None
    key: str | None = None
    expected_version: int | None = None
    deadline: float | None = None
    """Seconds from now; the contract's own when None, and never more than that."""
    traceparent: str | None = None

    def headers(self, left: float) -> dict[str, Any]:
        """The AMQP headers of a call whose answer is awaited for so many seconds."""
        told = {
            ACTOR: self.token,
            REQUEST_ID: self.request_id,
            KEY: self.key,
            VERSION: self.expected_version,
            TRACE: tracing.traces.traceparent(self.traceparent),
        }
        return {SECONDS_LEFT: repr(left)} | {name: value for name, value in told.items() if value is not None}


NO_CONTEXT = Context()


@dataclass(frozen=True)
class Question:
    """One call of several that are sent together: its place among them, and the id by which its answer is known."""

    index: int
    call_id: str
    rpc: Rpc
    request: dict[str, Any]
    as_written: bool = False


@dataclass(frozen=True)
class Answer:
    result: Any


class Line:
    """One connection with a reply address; used by one thread at a time."""

    def __init__(self, uri: str, seconds: float) -> None:
        # No heartbeat: idle lines are not looked after, a dead one is found when it is used.
        self.raw = connect(uri, heartbeat=0, seconds=seconds)
        try:
            self.channel = self.raw.channel()
            self.channel.basic_consume(_REPLY_TO, callback=self._replied, no_ack=True)
        except BaseException:
            discard(self.raw)
            raise
        self.channel.events["basic_return"].add(self._returned)
        self.awaited: dict[str, Question] = {}
        self.answers: dict[str, Answer | Problem] = {}

    def send(self, questions: Sequence[Question], context: Context, ends: float) -> None:
        """Send requests that the broker drops at `ends`; as everywhere here, on the monotonic clock."""
        left = ends - time.monotonic()
        self.raw.sock.settimeout(max(left, 0.001))
        with in_one_piece(self.raw):
            for question in questions:
                self._write(question, context, left)

    def _write(self, question: Question, context: Context, left: float) -> None:
        message = amqp.Message(
            dumps({"args": [], "kwargs": question.request}),
            content_type="application/json",
            content_encoding="utf-8",
            correlation_id=question.call_id,
            reply_to=_REPLY_TO,
            expiration=str(max(1, int(left * 1000))),
            application_headers=context.headers(left),
        )
        self.awaited[question.call_id] = question
        self.channel.basic_publish(message, RPC_EXCHANGE, str(question.rpc), mandatory=True)

    def wait(self, call_ids: set[str], ends: float) -> None:
        """Read answers until all are here; TimeoutError at the deadline."""
        while not call_ids <= self.answers.keys():
            left = ends - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self.raw.sock.settimeout(left)  # once, and not around each of the frames
            self.raw.drain_events()

    def _replied(self, message: Any) -> None:
        call_id = message.properties.get("correlation_id")
        question = self.awaited.pop(call_id, None)
        if question is not None:
            self.answers[call_id] = _heard(message.body, question.as_written)

    def _returned(self, error: Exception, exchange: str, routing_key: str, message: Any) -> None:
        service = routing_key.split(".")[0]
        call_id = message.properties["correlation_id"]
        self.awaited.pop(call_id, None)
        self.answers[call_id] = Unavailable(f"The service {service} is not running.", retry_after=2)


def _heard(body: bytes | str, as_written: bool) -> Answer | Problem:
    result = result_as_written(body) if as_written else None
    if result is not None:
        return Answer(result)
    answer = loads(body)
    if answer["error"]:
        return problem_from_wire(answer["error"])
    return Answer(dumps(answer["result"]) if as_written else answer["result"])

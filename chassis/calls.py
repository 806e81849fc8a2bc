"""Asking a service: RPC over direct reply-to, with a deadline, a bulkhead and a circuit breaker for each service.

One `Calls` a process, made after the fork. Every call in flight has a connection of its own from a pool; a connection
whose call ran out of time is thrown away, and its late answer with it.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import amqp

from chassis.broker import BROKEN, connect, discard, in_one_piece
from chassis.gate import Gate
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
            TRACE: self.traceparent,
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
class _Answer:
    result: Any


class _Line:
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
        self.answers: dict[str, _Answer | Problem] = {}

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


class Calls:
    """Asks services, from any thread."""

    def __init__(self, uri: str, *, at_once: int = 64, row: int = 5, rest: float = 1.0) -> None:
        self._uri = uri
        self._limits = (at_once, row, rest)
        self._idle: list[_Line] = []
        self._gates: dict[str, Gate] = {}

    def ask(self, rpc: Rpc, request: dict[str, Any], context: Context = NO_CONTEXT) -> Any:
        """Answer `request`, or raise what the service refused it with; Unavailable within the deadline."""
        (answer,) = self.ask_all([(rpc, request)], context)
        if isinstance(answer, Problem):
            raise answer
        return answer

    def ask_written(self, rpc: Rpc, request: dict[str, Any], context: Context = NO_CONTEXT) -> str:
        """The same with the answer as JSON: for whoever passes it on, to read and write it anew is lost time."""
        (answer,) = self.ask_all([(rpc, request)], context, as_written=True)
        if isinstance(answer, Problem):
            raise answer
        return answer

    def ask_all(
        self,
        questions: Sequence[tuple[Rpc, dict[str, Any]]],
        context: Context = NO_CONTEXT,
        *,
        as_written: bool = False,
    ) -> list[Any]:
        """Ask several services at once; where one refuses or is missing, its Problem stands in the list instead."""
        seconds = max(rpc.deadline for rpc, _ in questions)
        ends = time.monotonic() + min(seconds, context.deadline or seconds)
        answers: list[Any] = [None] * len(questions)
        admitted: list[Question] = []
        for index, (rpc, request) in enumerate(questions):
            try:
                self._gate(rpc.service).enter()
                admitted.append(Question(index, uuid.uuid4().hex, rpc, request, as_written))
            except Unavailable as problem:
                answers[index] = problem
        if admitted:
            self._ask_admitted(admitted, answers, context, ends)
        return answers

    def reachable(self) -> bool:
        """Tell whether the broker takes a connection now."""
        try:
            discard(connect(self._uri))
        except BROKEN:
            return False
        return True

    def close(self) -> None:
        """Close the pooled connections."""
        while (line := self._pooled()) is not None:
            discard(line.raw)

    def _gate(self, service: str) -> Gate:
        gate = self._gates.get(service)
        if gate is None:
            gate = self._gates.setdefault(service, Gate(service, *self._limits))
        return gate

    def _ask_admitted(self, admitted: list[Question], answers: list[Any], context: Context, ends: float) -> None:
        try:
            answered, timed_out = self._converse(admitted, context, ends)
        finally:
            for question in admitted:
                self._gates[question.rpc.service].leave()
        heard = {question.rpc.service for question in admitted if question.call_id in answered}
        for service in {question.rpc.service for question in admitted}:  # once each, however much it was asked
            if timed_out or service in heard:
                self._gates[service].judge(timed_out=service not in heard)
        for question in admitted:
            answer = answered.pop(question.call_id, None)
            if answer is None:
                answer = _unavailable(question.rpc, timed_out)
            answers[question.index] = answer.result if isinstance(answer, _Answer) else answer

    def _converse(self, questions: list[Question], context: Context, ends: float) -> tuple[dict[str, Any], bool]:
        """Send all and read the answers: those that came, and whether the others ran out of time.

        A pooled connection may have died while nobody looked, so a broken one gets one retry on a new one. The call
        ids stay the same: a service that did the work already gives the stored answer.
        """
        for pooled in (self._pooled(), None):
            line, sent, left = pooled, False, ends - time.monotonic()
            if left <= 0:
                break
            try:
                line = line or _Line(self._uri, left)
                line.send(questions, context, ends)
                sent = True
                line.wait({question.call_id for question in questions}, ends)
            except BROKEN as error:
                discard(line.raw if line else None)
                self._forget_pooled(error)
                if isinstance(error, TimeoutError) and sent and line is not None:
                    return line.answers, True
            except (
                BaseException
            ):  # what cannot be written as JSON, a green thread that is ended: answers may still come
                discard(line.raw if line else None)
                raise
            else:
                answers, line.answers = line.answers, {}
                self._idle.append(line)
                return answers, False
        return {}, False

    def _pooled(self) -> _Line | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _forget_pooled(self, error: BaseException) -> None:
        if not isinstance(error, TimeoutError):  # the broker went away: the others are dead too
            self.close()


def _heard(body: bytes | str, as_written: bool) -> _Answer | Problem:
    result = result_as_written(body) if as_written else None
    if result is not None:
        return _Answer(result)
    answer = loads(body)
    if answer["error"]:
        return problem_from_wire(answer["error"])
    return _Answer(dumps(answer["result"]) if as_written else answer["result"])


def _unavailable(rpc: Rpc, timed_out: bool) -> Unavailable:
    if timed_out:
        return Unavailable(f"The service {rpc.service} did not answer in time.", retry_after=2)
    return Unavailable("The message broker cannot be reached.", retry_after=2)

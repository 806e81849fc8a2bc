"""Asking a service: RPC over direct reply-to, with a deadline, a bulkhead and a circuit breaker for each service.

One `Calls` a process, made after the fork. Every call in flight has a connection of its own from a pool; a connection
whose call ran out of time is thrown away, and its late answer with it.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from typing import Any

from chassis import metrics, tracing
from chassis.broker import BROKEN, connect, discard
from chassis.gate import Gate
from chassis.line import NO_CONTEXT, Answer, Context, Line, Question
from contracts.errors import Problem, Unavailable
from contracts.language import Rpc

__all__ = ["NO_CONTEXT", "Calls", "Context"]


class Calls:
    """Asks services, from any thread, in the name of `asker` where it is counted."""

    def __init__(self, uri: str, *, asker: str = "outside", at_once: int = 64, row: int = 5, rest: float = 1.0) -> None:
        self._uri, self._asker = uri, asker
        self._limits = (at_once, row, rest)
        self._idle: list[Line] = []
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
                self._count(rpc, "shut", 0.0)
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
        began = time.perf_counter()
        try:
            with tracing.traces.asking([question.rpc for question in admitted]):
                answered, timed_out = self._converse(admitted, context, ends)
        finally:
            for question in admitted:
                self._gates[question.rpc.service].leave()
        heard = {question.rpc.service for question in admitted if question.call_id in answered}
        for service in {question.rpc.service for question in admitted}:  # once each, however much it was asked
            if timed_out or service in heard:
                self._gates[service].judge(timed_out=service not in heard)
        took = time.perf_counter() - began
        for question in admitted:
            answer = answered.pop(question.call_id, None)
            self._count(question.rpc, _outcome(answer, timed_out), took)
            if answer is None:
                answer = _unavailable(question.rpc, timed_out)
            answers[question.index] = answer.result if isinstance(answer, Answer) else answer

    def _count(self, rpc: Rpc, outcome: str, took: float) -> None:
        metrics.of(metrics.ASKED, self._asker, rpc.service, outcome).observe(took)

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
                line = line or Line(self._uri, left)
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

    def _pooled(self) -> Line | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _forget_pooled(self, error: BaseException) -> None:
        if not isinstance(error, TimeoutError):  # the broker went away: the others are dead too
            self.close()


def _outcome(answer: Answer | Problem | None, timed_out: bool) -> str:
    if isinstance(answer, Answer):
        return "ok"
    if answer is None and timed_out:
        return "timeout"
    return "refused" if answer is not None and not isinstance(answer, Unavailable) else "unavailable"


def _unavailable(rpc: Rpc, timed_out: bool) -> Unavailable:
    if timed_out:
        return Unavailable(f"The service {rpc.service} did not answer in time.", retry_after=2)
    return Unavailable("The message broker cannot be reached.", retry_after=2)

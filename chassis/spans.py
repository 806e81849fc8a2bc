"""The spans of a process that traces; imported only there.

Names and attributes follow OpenTelemetry's conventions for HTTP, RPC, messaging and databases. No value that a person
typed is told: of SQL the statement without its parameters, of HTTP the pattern of the path, of a failure its kind.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from chassis.tracing import Untraced
from contracts.errors import Problem

if TYPE_CHECKING:
    from chassis.told import Told
    from contracts.language import Rpc

AT_ONCE = 128
"""Spans in one message to the collector: to write more of them would hold up the process for too long."""
STOP_SECONDS = 2.0
_batch: ContextVar[dict[str | None, trace.Span]] = ContextVar("batch")
"""The spans of the events that are being applied together, by their traceparents."""
_W3C = TraceContextTextMapPropagator()


class Traced(Untraced):
    """Sends the spans of this process in batches, from a green thread of its own; when the collector is away they are
    dropped, and nobody waits."""

    on = True

    def __init__(self, service: str, role: str) -> None:
        told: dict[str, Any] = {"service.name": service, "service.namespace": "rapport", "process.pid": os.getpid()}
        resource = Resource.create(told | ({"rapport.role": role} if role else {}))
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        at_once = int(os.environ.get("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", AT_ONCE))
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(), max_export_batch_size=at_once))
        self.tracer = self._provider.get_tracer("rapport")

    @contextmanager
    def _span(
        self, name: str, kind: SpanKind, traceparent: str | None = None, attributes: dict[str, Any] | None = None
    ) -> Iterator[trace.Span]:
        """A span below that of the traceparent, or else below the innermost of this process."""
        with self.tracer.start_as_current_span(
            name, _of(traceparent), kind, attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield span
            except BaseException as error:  # eventlet's Timeout is one
                span.set_attribute("error.type", type(error).__name__)
                if not isinstance(error, Problem):
                    span.set_status(Status(StatusCode.ERROR))
                raise

    def requested(self, method: str, route: str | None, traceparent: str | None) -> Any:
        told = {"http.request.method": method} | ({"http.route": route} if route else {})
        return self._span(f"{method} {route}" if route else method, SpanKind.SERVER, traceparent, told)

    def answered(self, status: int) -> None:
        span = trace.get_current_span()
        span.set_attribute("http.response.status_code", status)
        if status >= 500:
            span.set_status(Status(StatusCode.ERROR))

    def asking(self, rpcs: Sequence[Rpc]) -> Any:
        name = str(rpcs[0]) if len(rpcs) == 1 else f"{len(rpcs)} questions"
        told = {"rpc.system.name": "rapport", "rpc.method": [str(rpc) for rpc in rpcs] if rpcs[1:] else name}
        return self._span(name, SpanKind.CLIENT, None, told)

    def answering(self, rpc: Rpc, traceparent: str | None) -> Any:
        told = {"rpc.system.name": "rapport", "rpc.method": str(rpc)}
        return self._span(str(rpc), SpanKind.SERVER, traceparent, told)

    def published(self, service: str, row: Any) -> str | None:
        """A span from the event's recording to its being handed over, in the trace that it comes of."""
        if not row.traceparent:
            return None
        exchange = f"{service}.events"
        span = self.tracer.start_span(
            f"publish {row.type}", _of(row.traceparent), SpanKind.PRODUCER,
            {
                "messaging.system": "rabbitmq", "messaging.operation.type": "send", "messaging.message.id": str(row.id),
                "messaging.destination.name": exchange, "messaging.rabbitmq.destination.routing_key": row.type,
            },
            start_time=_recorded_at(row.id),
        )  # fmt: skip
        span.end()
        return _written(span)

    @contextmanager
    def applying(self, queue: str, batch: Sequence[Told]) -> Iterator[None]:
        """One span for the transaction, in the first event's trace; each other trace has one beside it, with a link."""
        told: dict[str, Any] = {
            "messaging.system": "rabbitmq", "messaging.operation.type": "process", "messaging.destination.name": queue,
            "messaging.batch.message_count": len(batch),
        }  # fmt: skip
        first, *others = batch
        with self._span(f"process {queue}", SpanKind.CONSUMER, first.traceparent, told) as span:
            spans = {first.traceparent: span}
            for traceparent in {event.traceparent for event in others} - {None, first.traceparent}:
                beside = [Link(span.get_span_context())]
                parent = _of(traceparent)
                spans[traceparent] = self.tracer.start_span(
                    f"process {queue}", parent, SpanKind.CONSUMER, told, links=beside
                )
            token = _batch.set(spans)
            try:
                yield
            finally:
                _batch.reset(token)
                for one in spans.values():
                    if one is not span:
                        one.end()

    def hearing(self, event: Told) -> Any:
        span = _batch.get({}).get(event.traceparent)
        if span is None:
            return nullcontext()
        return trace.use_span(span, record_exception=False, set_status_on_exception=False)

    def working(self, name: str, traceparent: str | None) -> Any:
        return self._span(name, SpanKind.INTERNAL, traceparent)

    def outcome(self, outcome: str, *, failed: bool) -> None:
        span = trace.get_current_span()
        span.set_attribute("rapport.outcome", outcome)
        if failed:
            span.set_status(Status(StatusCode.ERROR))

    def traceparent(self, otherwise: str | None) -> str | None:
        return _written(trace.get_current_span()) or otherwise

    def below(self, traceparent: str | None) -> str | None:
        if not (batch := _batch.get({})):
            return self.traceparent(traceparent)
        span = batch.get(traceparent)
        return _written(span) if span else traceparent

    def name_trace(self, _: object, __: str, line: Any) -> Any:
        context = trace.get_current_span().get_span_context()
        if context.is_valid:
            line["trace_id"] = trace.format_trace_id(context.trace_id)
            line["span_id"] = trace.format_span_id(context.span_id)
        return line

    def stop(self) -> None:
        """Send what is left; a collector that does not answer is not waited for."""
        sending = threading.Thread(target=self._provider.shutdown, daemon=True)
        sending.start()
        sending.join(STOP_SECONDS)


def _of(traceparent: str | None) -> Context | None:
    """The context that a traceparent names; None is that of whoever calls."""
    return _W3C.extract({"traceparent": traceparent}, Context()) if traceparent else None


def _recorded_at(event_id: Any) -> int:
    """Nanoseconds since 1970 by a UUIDv7."""
    return int(str(event_id).replace("-", "")[:12], 16) * 1_000_000


def _written(span: trace.Span) -> str | None:
    carrier: dict[str, str] = {}
    _W3C.inject(carrier, trace.set_span_in_context(span, Context()))
    return carrier.get("traceparent")

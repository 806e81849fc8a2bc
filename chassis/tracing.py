"""Traces by OpenTelemetry, off unless the environment names where to send them.

`OTEL_EXPORTER_OTLP_ENDPOINT` (or `…_TRACES_ENDPOINT`) turns them on, and OpenTelemetry's other variables hold as they
are documented there. Off, nothing of OpenTelemetry is imported: `traces` is an `Untraced`, whose methods do nothing.
On, it is a `chassis.spans.Traced`. A caller's `traceparent` (W3C Trace Context) goes on in either case.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chassis.told import Told
    from contracts.language import Rpc

_NAMED = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_NOTHING: AbstractContextManager[None] = nullcontext()


class Untraced:
    """What is traced, and does nothing of it."""

    on = False
    tracer: Any = None

    def requested(self, method: str, route: str | None, traceparent: str | None) -> AbstractContextManager[Any]:
        """An HTTP request that is being answered."""
        return _NOTHING

    def answered(self, status: int) -> None:
        """Note with which HTTP status it was answered."""

    def asking(self, rpcs: Sequence[Rpc]) -> AbstractContextManager[Any]:
        """Questions that were asked together, until the answers are here."""
        return _NOTHING

    def answering(self, rpc: Rpc, traceparent: str | None) -> AbstractContextManager[Any]:
        """An RPC that is being answered."""
        return _NOTHING

    def published(self, service: str, row: Any) -> str | None:
        """An event on its way to the broker; the traceparent that goes with it."""
        return row.traceparent

    def applying(self, queue: str, batch: Sequence[Told]) -> AbstractContextManager[Any]:
        """Events that are applied in one transaction."""
        return _NOTHING

    def hearing(self, event: Told) -> AbstractContextManager[Any]:
        """One of those events, while a listener reacts to it."""
        return _NOTHING

    def working(self, name: str, traceparent: str | None) -> AbstractContextManager[Any]:
        """A step of a job, or an errand."""
        return _NOTHING

    def outcome(self, outcome: str, *, failed: bool) -> None:
        """Note what came of what is being done."""

    def traceparent(self, otherwise: str | None) -> str | None:
        """What to tell whom we ask: the innermost of the above, or what we were told ourselves."""
        return otherwise

    def below(self, traceparent: str | None) -> str | None:
        """What to tell with what comes of that: of events that are applied together, the one that it came with."""
        return traceparent

    def name_trace(self, _: object, __: str, line: Any) -> Any:
        """Put the trace into a log line (a processor of structlog's)."""
        return line

    def stop(self) -> None:
        """Send what is left, if that can be done soon."""


traces = Untraced()


def set_up(service: str, role: str = "") -> None:
    """Begin to trace if the environment says so; after the fork, and after sockets were made green."""
    global traces
    if any(map(os.environ.get, _NAMED)) and os.environ.get("OTEL_SDK_DISABLED", "").lower() != "true":
        from chassis.spans import Traced

        traces = Traced(service, role)

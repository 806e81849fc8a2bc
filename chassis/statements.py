"""A span for each SQL statement that somebody's request comes to; imported only by a process that traces."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from opentelemetry import trace
from opentelemetry.trace import SpanKind, Status, StatusCode

LONGEST_TOLD = 2000
"""Characters of a statement; its parameters are never told."""


def watch(engine: sa.Engine, tracer: trace.Tracer) -> None:
    """Trace the statements of an engine, but for those that nobody asked for: the relay's looks, the timers'."""

    def began(_c: Any, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool) -> None:
        if context is None or not trace.get_current_span().is_recording():
            return
        told = {"db.system.name": "postgresql", "db.query.text": statement.strip()[:LONGEST_TOLD]}
        verb = statement.split(None, 1)[0].upper()
        context.rapport_span = tracer.start_span(f"SQL {verb}", kind=SpanKind.CLIENT, attributes=told)

    def ended(_c: Any, _cursor: Any, _statement: str, _parameters: Any, context: Any, _many: bool) -> None:
        span = getattr(context, "rapport_span", None)
        if span is not None:
            span.end()

    def failed(failure: Any) -> None:
        span = getattr(failure.execution_context, "rapport_span", None)
        if span is not None:
            span.set_attribute("error.type", getattr(failure.original_exception, "pgcode", None) or "lost")
            span.set_status(Status(StatusCode.ERROR))
            span.end()

    sa.event.listen(engine, "before_cursor_execute", began)
    sa.event.listen(engine, "after_cursor_execute", ended)
    sa.event.listen(engine, "handle_error", failed)

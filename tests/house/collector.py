"""A collector of traces, as OTLP over HTTP wants it: it keeps the spans that it is sent."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from local.ports import LOOPBACK


@dataclass(frozen=True)
class Span:
    """A span as it arrived; ids are hexadecimal, `parent` is empty at the root."""

    trace: str
    id: str
    parent: str
    service: str
    name: str
    attributes: dict[str, Any]


class Collector:
    """Listens until it is closed."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        keep = self._keep

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                keep(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer((LOOPBACK, 0), Door)
        self.url = f"http://{LOOPBACK}:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _keep(self, body: bytes) -> None:
        for told in ExportTraceServiceRequest.FromString(body).resource_spans:
            service = _values(told.resource.attributes)["service.name"]
            for scope in told.scope_spans:
                self.spans += [
                    Span(
                        span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex(), service, span.name,
                        _values(span.attributes),
                    )
                    for span in scope.spans
                ]  # fmt: skip

    def of(self, trace: str) -> list[Span]:
        """The spans of one trace."""
        return [span for span in list(self.spans) if span.trace == trace]

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()


def _values(attributes: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}

"""Looking at a process from outside: `/healthz` (alive), `/readyz` (can do its work), `/metrics` (Prometheus)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import eventlet
import eventlet.wsgi
import sqlalchemy as sa
from nameko.extensions import DependencyProvider
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from chassis import metrics
from chassis.gauging import Gauges
from chassis.wire import dumps

if TYPE_CHECKING:
    from chassis.service import Runtime


def missing(runtime: Runtime) -> list[str]:
    """What this process needs and has not got at the moment."""
    gone = [f"broker ({role})" for role, consumer in runtime.consumers.items() if not consumer.connected]
    try:
        with eventlet.Timeout(2), runtime.reader() as session:
            session.execute(sa.text("SELECT 1"))
    except (SQLAlchemyError, eventlet.Timeout):
        gone.append("database")
    return gone


class HealthServer(DependencyProvider):
    """A small HTTP server beside the service's work; none when the port is 0."""

    def start(self) -> None:
        """Listen."""
        self._runtime: Runtime = self.container.config["runtime"]
        port = self._runtime.settings.health_port
        if port:
            self._gauges = Gauges(self._runtime)
            lag = self._runtime.service, eventlet.sleep
            self.container.spawn_managed_thread(lambda: metrics.watch_lag(*lag), identifier="lag")
            host = self._runtime.settings.health_host
            listener = eventlet.listen((host, port), reuse_port=False)
            self.container.spawn_managed_thread(
                lambda: eventlet.wsgi.server(listener, self._answer, log_output=False), identifier="health"
            )

    def _answer(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        kind, path = "application/json", environ.get("PATH_INFO", "")
        if path == "/metrics":
            self._gauges.read()
            status, body, kind = "200 OK", generate_latest(), CONTENT_TYPE_LATEST
        elif path == "/healthz":
            status, body = "200 OK", b'{"alive":true}'
        elif path == "/readyz":
            gone = missing(self._runtime)
            status = "503 Service Unavailable" if gone else "200 OK"
            body = dumps({"ready": not gone, "missing": gone}).encode()
        else:
            status, body = "404 Not Found", b"{}"
        start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]

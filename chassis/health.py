"""Looking at a process from outside: `/healthz` (alive), `/readyz` (can do its work), `/metrics` (Prometheus)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import eventlet
import eventlet.wsgi
from nameko.extensions import DependencyProvider
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from chassis import metrics
from chassis.database import engine_for
from chassis.gauging import Gauges
from chassis.wire import dumps

if TYPE_CHECKING:
    from chassis.service import Runtime


class Readiness:
    """Says what a process needs and has not got at the moment.

    It asks the database over a connection of its own: a pool that is all in use is work, and not a server that is gone.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        url = runtime.settings.database_url_of(runtime.service)
        engine = engine_for(url, pool=1, name=f"rapport {runtime.service} health")
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    def missing(self) -> list[str]:
        """The broker, by role, and the database."""
        gone = [f"broker ({role})" for role, consumer in self._runtime.consumers.items() if not consumer.connected]
        try:
            with eventlet.Timeout(2), self._engine.connect() as connection:
                connection.exec_driver_sql("SELECT 1")
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
            self._gauges, self._readiness = Gauges(self._runtime), Readiness(self._runtime)
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
            gone = self._readiness.missing()
            status = "503 Service Unavailable" if gone else "200 OK"
            body = dumps({"ready": not gone, "missing": gone}).encode()
        else:
            status, body = "404 Not Found", b"{}"
        start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]

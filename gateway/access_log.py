"""One line of JSON and one measurement a request, under one request id; ids and templates, never what people typed."""

from __future__ import annotations

import re
import time

import structlog
from flask import Flask, Response, g, request
from prometheus_client import Gauge, Histogram

from chassis import metrics
from chassis.ids import new_id
from chassis.telemetry import logger
from contracts.billing.card_numbers import looks_like_card_number

REQUEST_ID = re.compile(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
TRACEPARENT = re.compile(r"\A[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}\Z")
QUIET = {"/healthz", "/readyz", "/metrics"}
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
"""Any other is counted as `other`: a stranger's fancy makes no new series."""

log = logger("gateway")
seconds = Histogram(
    "rapport_http_request_seconds", "Time to answer a request.", ["method", "route", "status"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)  # fmt: skip
in_flight = Gauge(
    "rapport_http_requests_in_flight", "Requests that are being answered, long polls too.", multiprocess_mode="livesum"
)


def _begin() -> None:
    g.started = time.perf_counter()
    in_flight.inc()
    g.traceparent = _decent(request.headers.get("traceparent"))
    g.request_id = request_id_of(request.headers.get("X-Request-Id"), g.traceparent)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(service="gateway", request_id=g.request_id)


def _decent(traceparent: str | None) -> str | None:
    return traceparent if TRACEPARENT.match(traceparent or "") else None


def request_id_of(given: str | None, traceparent: str | None) -> str:
    """The caller's own id if it is a decent one, else the trace's, else a new one."""
    if given and REQUEST_ID.match(given):
        return given
    trace = TRACEPARENT.match(traceparent or "")
    return trace[1] if trace else new_id()


def _end(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.request_id
    took = time.perf_counter() - g.started
    route = request.url_rule.rule if request.url_rule else None
    method = request.method if request.method in METHODS else "other"
    metrics.of(seconds, method, route or "none", str(response.status_code)).observe(took)
    if route not in QUIET:
        log.info(
            "request",
            method=request.method,
            route=route,
            status=response.status_code,
            ms=round(took * 1000, 1),
            actor=g.actor.id if "actor" in g else None,
            **_ids_of(request.view_args or {}),
        )
    return response


def _over(_: BaseException | None) -> None:
    if "started" in g:
        in_flight.dec()


def _ids_of(path: dict[str, str]) -> dict[str, str]:
    """The ids of the path; what may be a card number is none, whoever put it there."""
    ids = {name: value[:64] for name, value in path.items() if name.endswith("_id")}
    return {name: "" if looks_like_card_number(value) else value for name, value in ids.items()}


def install(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(_over)

"""A span around each request, where traces are on."""

from __future__ import annotations

from flask import Flask, Response, g, request

from chassis import tracing
from gateway.access_log import METHODS, QUIET


def _begin() -> None:
    route = request.url_rule.rule if request.url_rule else None
    if route not in QUIET:
        method = request.method if request.method in METHODS else "_OTHER"
        g.span = tracing.traces.requested(method, route, g.traceparent)
        g.span.__enter__().set_attribute("rapport.request_id", g.request_id)


def _name_status(response: Response) -> Response:
    if "span" in g:
        tracing.traces.answered(response.status_code)
    return response


def _end(error: BaseException | None) -> None:
    if "span" in g:
        g.pop("span").__exit__(None, None, None)


def install(app: Flask) -> None:
    if tracing.traces.on:
        app.before_request(_begin)
        app.after_request(_name_status)
        app.teardown_request(_end)

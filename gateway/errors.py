"""Refusals as problem documents (RFC 9457), whoever refused: a service, the gateway or Flask."""

from __future__ import annotations

import json
import re
from typing import Any

from flask import Flask, Response, current_app, g, request
from flask_limiter import RateLimitExceeded
from werkzeug.exceptions import HTTPException

from chassis.telemetry import logger
from contracts.errors import Broken, Merged, NotSignedIn, Problem, Throttled, Unavailable

PROBLEM_JSON = "application/problem+json"
log = logger("gateway")


class Malformed(Problem):
    """The request cannot be read as HTTP and JSON ask for it."""

    status = 400
    title = "Malformed request"


def slug_of(kind: type[Problem]) -> str:
    """NotSignedIn is `not-signed-in`: the last part of the problem's `type`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", kind.__name__).lower()


def pointer(*parts: str | int) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def document_of(problem: Problem) -> dict[str, Any]:
    document: dict[str, Any] = {
        "type": f"/problems/{slug_of(type(problem))}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail or (type(problem).__doc__ or "").strip().splitlines()[0],
        "request_id": g.get("request_id"),
    }
    if problem.errors:
        document["errors"] = problem.errors
    return {**problem.extra, **document}


def response_of(problem: Problem) -> Response:
    """Answer a refusal with its document, and with the headers that HTTP wants beside its status."""
    headers: dict[str, str] = {}
    status = problem.status
    if isinstance(problem, NotSignedIn):
        tried = ', error="invalid_token"' if "Authorization" in request.headers else ""
        headers["WWW-Authenticate"] = f'Bearer realm="rapport"{tried}'
    elif isinstance(problem, (Unavailable, Throttled)):
        headers["Retry-After"] = str(problem.extra.get("retry_after", 2))
    elif isinstance(problem, Merged):
        location = _where_it_lives_on(problem)
        if location:
            headers["Location"] = location
        else:
            status = 409
    return _response({**document_of(problem), "status": status}, status, headers)


def _where_it_lives_on(problem: Merged) -> str | None:
    """The same path with the survivor's id; None when the merged id did not come by the path."""
    path = request.view_args or {}
    survivor, gone = problem.extra.get("survivor"), path.get("contact_id") or path.get("company_id")
    if not survivor or not gone:
        return None
    query = "?" + request.query_string.decode() if request.query_string else ""
    return request.path.replace(f"/{gone}", f"/{survivor}", 1) + query


def _response(document: dict[str, Any], status: int, headers: dict[str, str]) -> Response:
    body = json.dumps(document, ensure_ascii=False)
    return Response(body, status, {**headers, "Cache-Control": "no-store"}, content_type=PROBLEM_JSON)


def _of_http(error: HTTPException) -> Response:
    """Flask's own refusals: no such path, wrong method, too large, wrong media type."""
    status = error.code or 500
    document = {
        "type": f"/problems/{error.name.lower().replace(' ', '-')}",
        "title": error.name,
        "status": status,
        "detail": error.description or error.name,
        "request_id": g.get("request_id"),
    }
    kept = {name: value for name, value in error.get_headers() if name in ("Allow", "Accept-Patch", "Accept-Post")}
    return _response(document, status, kept)


def _of_the_limit(_: RateLimitExceeded) -> Response:
    seconds = current_app.extensions["limits"].seconds_left()
    return response_of(Throttled("Too many requests from here; wait and try again.", retry_after=seconds))


def _of_anything(error: Exception) -> Response:
    log.error("unforeseen", route=request.url_rule.rule if request.url_rule else None, exc_info=error)
    return response_of(Broken("Something failed that should not; the log knows this request by its id."))


def install(app: Flask) -> None:
    app.register_error_handler(Problem, response_of)
    app.register_error_handler(RateLimitExceeded, _of_the_limit)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(Exception, _of_anything)

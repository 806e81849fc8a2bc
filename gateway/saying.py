"""Saying an answer in HTTP: status, Location, ETag, 304."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import quote

from flask import Response, request

from chassis.wire import dumps
from gateway.routes.table import JSON, PREFIX, Route

PIECE = 64 * 1024


def said(route: Route, given: dict[str, Any], path: dict[str, str], written: str | None = None) -> Response:
    """A service's answer as its row wants it; `written` is the same as the service wrote it, if that is to be said."""
    if route.status == 204:
        return Response(status=204)
    response = Response(dumps(given) if written is None else written, route.status, content_type=JSON)
    if route.makes:
        response.headers["Location"] = PREFIX + route.makes.format(**{**path, **given})
    if route.has_etag:
        etag = str(given["version"])
        response.set_etag(etag)
        if route.may_be_unchanged and request.if_none_match.contains(etag):
            response = Response(status=304)
            response.set_etag(etag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def json_response(given: dict[str, Any], status: int = 200) -> Response:
    return Response(dumps(given), status, content_type=JSON)


def file_response(file: BinaryIO, *, media: str, name: str) -> Response:
    """A stored file, read as it is sent and closed in any case."""
    response = Response(_pieces(file), content_type=media)
    response.call_on_close(file.close)
    response.headers["Content-Disposition"] = disposition("inline", name)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def disposition(kind: str, name: str) -> str:
    """RFC 6266, with names in any alphabet (RFC 8187)."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece

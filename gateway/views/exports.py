"""Exported files handed out."""

from __future__ import annotations

from flask import Response

from chassis import storage
from gateway.asked import asked_by
from gateway.asking import ask_for
from gateway.routes.table import Route
from gateway.saying import disposition, file_response


def file(route: Route, path: dict[str, str]) -> Response:
    """Stream the file from storage; the service says where it lies."""
    given = ask_for(route, asked_by(route, path))
    response = file_response(storage.open(given["file_key"]), media=given["media"], name=given["file_name"])
    response.headers["Content-Disposition"] = disposition("attachment", given["file_name"])
    return response

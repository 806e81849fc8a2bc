"""Files of contacts: streamed to storage, handed over to contacts, and what was rejected handed back."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from typing import Any

from flask import Response, current_app, request, stream_with_context
from marshmallow import fields, validate
from werkzeug.exceptions import UnsupportedMediaType

from chassis import storage
from contracts.contacts.importing import ImportStarted, StartImport, start_import
from contracts.errors import Invalid, Problem, Unavailable
from contracts.language import Rpc, Schema
from gateway.asked import asked_by, refuse_unsafe_json
from gateway.asking import ask, beside
from gateway.errors import Malformed, pointer
from gateway.multipart import Multipart, Part
from gateway.routes.table import MULTIPART, PREFIX, Route
from gateway.saying import disposition, json_response

OURS = ("file_key", "file_name", "file_digest")
OPTIONAL = ("mapping", "match_on", "mode")
"""Left empty, as a form in a browser sends them, they are left out."""
ROWS_AT_ONCE = 500


class Upload(Schema):
    """`file` is a CSV file; `mapping` a JSON object of column header to field, `match_on` repeated or a JSON list."""

    file = fields.Raw(required=True, metadata={"type": "string", "contentMediaType": "application/octet-stream"})
    mapping = fields.String(metadata={"contentMediaType": "application/json"})
    match_on = fields.List(fields.String(validate=validate.OneOf(["email", "phone"])))
    mode = fields.String(validate=validate.OneOf(["create", "update", "both"]))


UPLOAD = Rpc(
    "contacts", "start_import", needs=start_import.needs, takes=Upload, gives=ImportStarted,
    raises=start_import.raises, about=start_import.about,
)  # fmt: skip


def upload(route: Route, path: dict[str, str]) -> Response:
    """Keep the file, never whole in memory, and start the job that reads it."""
    if request.mimetype != MULTIPART:
        raise UnsupportedMediaType(f"Send {MULTIPART}.")
    request.max_content_length = current_app.config["LARGEST_FILE"]
    headers = beside(route)
    members = _kept(Multipart(request.stream, request.mimetype_params.get("boundary", "")))
    try:
        job = ask(start_import, members, **headers)
    except Problem as problem:
        if not isinstance(problem, Unavailable):  # an answer that was lost may have started the job
            storage.delete(members["file_key"])
        raise
    response = json_response(job, 202)
    response.headers["Location"] = f"{PREFIX}/jobs/{job['id']}"
    return response


def _kept(form: Multipart) -> dict[str, Any]:
    members: dict[str, Any] = {}
    try:
        for part in form:
            if part.name in OURS or (part.name in members and part.name != "match_on"):
                raise Invalid.field(pointer(part.name), "Unknown field." if part.name in OURS else "Given twice.")
            if part.name == "file":
                if "file_key" in members:
                    raise Invalid.field("/file", "Send one file.")
                digested = Digested(part)
                members["file_key"] = storage.put(digested, limit=current_app.config["LARGEST_FILE"], prefix="imports")
                members["file_digest"] = digested.digest.hexdigest()
                members["file_name"] = part.file_name or "file.csv"
            elif (text := part.text()) or part.name not in OPTIONAL:
                members[part.name] = _member(part.name, text, members)
        if "file_key" not in members:
            raise Invalid.field("/file", "Missing data for required field.")
    except Exception:
        if "file_key" in members:
            storage.delete(members["file_key"])
        raise
    return members


class Digested:
    """A part whose bytes are told by a digest, so that the same file sent again under one key is the same request."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self.digest = hashlib.blake2b(digest_size=20)

    def read(self, size: int, /) -> bytes:
        piece = self._part.read(size)
        self.digest.update(piece)
        return piece


def _member(name: str, text: str, members: dict[str, Any]) -> Any:
    if name == "match_on":
        return members.get(name, []) + _several(text)
    return _json(name, text) if name == "mapping" else text


def _several(text: str) -> list[Any]:
    """`email`, `email,phone` and `["email", "phone"]` are all understood."""
    if text.lstrip().startswith("["):
        return _json("match_on", text)
    return [word.strip() for word in text.split(",")]


def _json(name: str, text: str) -> Any:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed(f"`{name}` is not JSON.") from None
    refuse_unsafe_json(value, name)
    return value


def rejects(route: Route, path: dict[str, str]) -> Response:
    """The rejected rows as a CSV file, fetched page by page as it is read."""
    question = asked_by(route, path)
    first = ask(route.rpc, {"limit": ROWS_AT_ONCE, **question})
    response = Response(stream_with_context(_sheet(route.rpc, question, first)), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = disposition("attachment", f"rejected {first['file_name']}")
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _sheet(rpc: Rpc, question: dict[str, Any], sheet: dict[str, Any]) -> Iterator[str]:
    yield _csv([sheet["header"], *sheet["rows"]])
    while sheet.get("next"):
        sheet = ask(rpc, {"limit": ROWS_AT_ONCE, **question, "cursor": sheet["next"]})
        yield _csv(sheet["rows"])


def _csv(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


assert set(Upload().fields) - {"file"} == set(StartImport().fields) - set(OURS), "the form and its contract differ"

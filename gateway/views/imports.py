"""Files of contacts: streamed to storage, handed over to contacts, and what was rejected handed back."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from typing import Any

from flask import Response, current_app, request, stream_with_context
from marshmallow import fields
from werkzeug.exceptions import UnsupportedMediaType

from chassis import storage
from chassis.contents import LOOKED_AT, why_no_table
from contracts.contacts.importing import ImportStarted, StartImport, start_import
from contracts.errors import Invalid, Problem, Unavailable
from contracts.language import Rpc, Schema
from gateway.asked import WHOLE, asked_by, refuse_unsafe_json
from gateway.asking import ask, ask_for, beside
from gateway.errors import Malformed, pointer
from gateway.multipart import Multipart, Part
from gateway.routes.table import MULTIPART, PREFIX, Route
from gateway.saying import disposition, json_response

OURS = ("file_key", "file_name", "file_digest")
OPTIONAL = tuple(name for name in StartImport().fields if name not in OURS)
"""Left empty, as a form in a browser sends them, they are left out."""
ROWS_AT_ONCE = 500

_JSON_TEXT = fields.String(metadata={"contentMediaType": "application/json", "description": "column header → field"})
Upload: Any = Schema.from_dict(
    {
        "file": fields.Raw(required=True, metadata={"type": "string", "contentMediaType": "application/octet-stream"}),
        **{name: field for name, field in StartImport().fields.items() if name not in (*OURS, "mapping")},
        "mapping": _JSON_TEXT,
    },
    name="Upload",
)
"""The form: `file` is CSV, Excel, OpenDocument or vCard; `match_on` is repeated or a JSON list."""

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
    if job.pop("file_key") != members["file_key"]:
        storage.delete(members["file_key"])  # sent again under its key: the first copy is the one that is read
    return _begun(job)


def begin(route: Route, path: dict[str, str]) -> Response:
    """Start or undo an import, and say which job does it."""
    return _begun(ask_for(route, asked_by(route, path)))


def _begun(job: dict[str, Any]) -> Response:
    response = json_response(job, 202)
    response.headers["Location"] = f"{PREFIX}/jobs/{job['job_id']}"
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
    """A part whose bytes are told by a digest, so that the same file sent again under one key is the same request.

    What its first bytes show to be no table is refused before anything of it is kept.
    """

    def __init__(self, part: Part) -> None:
        self._part = part
        self.digest = hashlib.blake2b(digest_size=20)
        self._first = b""
        while len(self._first) < LOOKED_AT and (piece := part.read(LOOKED_AT)):
            self._first += piece
        if reason := why_no_table(self._first):
            raise Invalid.field("/file", reason)

    def read(self, size: int, /) -> bytes:
        piece, self._first = (self._first[:size], self._first[size:]) if self._first else (self._part.read(size), b"")
        self.digest.update(piece)
        return piece


def _member(name: str, text: str, members: dict[str, Any]) -> Any:
    if name == "match_on":
        return members.get(name, []) + _several(text)
    if name == "mapping":
        return _json(name, text)
    if name == "preview" and text in ("true", "false"):
        return text == "true"
    return int(text) if name == "header_row" and WHOLE.match(text) else text


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

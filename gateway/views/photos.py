"""Photos: streamed to storage, and shown from there."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from marshmallow import fields
from werkzeug.exceptions import UnsupportedMediaType

from chassis import storage
from contracts.contacts.photos import LARGEST_PHOTO, UPLOADS, PhotoAwaited, set_photo
from contracts.errors import Invalid, Problem, Unavailable
from contracts.language import Id, Rpc, Schema
from gateway.asked import asked_by
from gateway.asking import ask, ask_for, beside
from gateway.errors import pointer
from gateway.multipart import Multipart, Part
from gateway.routes.table import MULTIPART, PREFIX, Route
from gateway.saying import file_response, json_response

FORM = 64 * 1024
"""So much more than the picture itself a form may be."""
_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"RIFF")

Upload: Any = Schema.from_dict(
    {
        "contact_id": Id(required=True),
        "file": fields.Raw(required=True, metadata={"type": "string", "contentMediaType": "application/octet-stream"}),
    },
    name="PhotoUpload",
)
UPLOAD = Rpc(
    "contacts", "set_photo", needs=set_photo.needs, takes=Upload, gives=PhotoAwaited, raises=set_photo.raises,
    about=set_photo.about,
)  # fmt: skip


class Begun:
    """A part whose first bytes were looked at: what cannot be a picture is refused before anything of it is kept."""

    def __init__(self, part: Part) -> None:
        self._part, self._first = part, b""
        while len(self._first) < 12 and (piece := part.read(12)):
            self._first += piece
        if not self._first.startswith(_BEGINNINGS):
            raise Invalid.field("/file", "Send a picture in JPEG, PNG, WebP or GIF.")

    def read(self, size: int, /) -> bytes:
        piece, self._first = (self._first[:size], self._first[size:]) if self._first else (self._part.read(size), b"")
        return piece


def upload(route: Route, path: dict[str, str]) -> Response:
    """Keep the picture, never whole in memory, and start the job that makes a photo of it."""
    if request.mimetype != MULTIPART:
        raise UnsupportedMediaType(f"Send {MULTIPART}.")
    request.max_content_length = LARGEST_PHOTO + FORM
    key = _kept(Multipart(request.stream, request.mimetype_params.get("boundary", "")))
    try:
        awaited = ask(set_photo, {**path, "file_key": key}, **beside(route))
    except Problem as problem:
        if not isinstance(problem, Unavailable):  # an answer that was lost may have started the job
            storage.delete(key)
        raise
    response = json_response(awaited, 202)
    response.headers["Location"] = f"{PREFIX}/jobs/{awaited['job_id']}"
    return response


def _kept(form: Multipart) -> str:
    key = None
    try:
        for part in form:
            if part.name != "file" or key:
                raise Invalid.field(pointer(part.name), "Send one picture, as `file`, and nothing else.")
            key = storage.put(Begun(part), limit=LARGEST_PHOTO, prefix=UPLOADS)
        if key is None:
            raise Invalid.field("/file", "Missing data for required field.")
    except Exception:
        if key:
            storage.delete(key)
        raise
    return key


def show(route: Route, path: dict[str, str]) -> Response:
    """Stream the photo; the link is of this very photo, so that it may be kept for as long as it works."""
    given = ask_for(route, asked_by(route, path))
    response = file_response(storage.open(given["file_key"]), media="image/jpeg", name="photo.jpg")
    response.headers["Cache-Control"] = "private, max-age=900, immutable"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response

"""Reading the feed by HTTP, and waiting for what comes next."""

from __future__ import annotations

import threading
import time
from typing import Any

from flask import Response, current_app
from marshmallow import ValidationError, fields, validate

from contracts.errors import Gone, Invalid, Problem, Unavailable
from contracts.language import Id, Moment, Rpc, Schema
from contracts.log import read_events
from gateway.asked import asked_by
from gateway.asking import ask_all
from gateway.feed import BEGINNING, LAST, beginning_of, cursor_of, merged, positions_of
from gateway.identity import admit
from gateway.routes.table import Route
from gateway.saying import json_response

PATIENCE = 4.0
LOOK_EVERY = 0.25


class ReadFeed(Schema):
    """Events after a cursor, from the start without one; with `wait`, up to so many seconds until there is one."""

    after = fields.String(load_default="", validate=validate.Length(max=200))
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 500))
    wait = fields.Float(load_default=0.0, validate=validate.Range(0, 30))


class CloudEvent(Schema):
    """CloudEvents 1.0, with our `sequence` (the position in its service's log) and the `cursor` after it."""

    specversion = fields.String(required=True)
    id = Id(required=True)
    source = fields.String(required=True)
    type = fields.String(required=True)
    subject = Id()
    time = Moment(required=True)
    datacontenttype = fields.String(required=True)
    sequence = fields.String(required=True)
    requestid = fields.String()
    data = fields.Dict(required=True)
    cursor = fields.String(required=True)


class Feed(Schema):
    """`next` is where to go on; at the end it stays where it is until something happens."""

    items = fields.List(fields.Nested(CloudEvent), required=True)
    next = fields.String(required=True)


READ = Rpc(
    "house", "read_events", needs="events.read", takes=ReadFeed, gives=Feed, raises=(Invalid, Gone), writes=False,
    about="Every event of every service, by time, each service's own in order and without a gap.",
)  # fmt: skip


def read(route: Route, path: dict[str, str]) -> Response:
    try:
        asked = READ.takes().load(asked_by(route, path))
    except ValidationError as error:
        faults = [{"pointer": f"/{name}", "detail": str(why[0])} for name, why in error.messages_dict.items()]
        raise Invalid("Some fields are not as they should be.", faults) from None
    after, ends = positions_of(asked.after), time.monotonic() + asked.wait
    items: list[dict[str, Any]] = []
    if asked.wait:
        while not _tip().beyond(after) and time.monotonic() < ends and not _leaving():
            time.sleep(min(LOOK_EVERY, max(0.0, ends - time.monotonic())))
        admit(route.rpc.needs)  # again: much can have happened while one waited
    if not asked.wait or _tip().beyond(after):
        after, items = _page(after, asked.limit, begins=asked.after in BEGINNING)
    response = json_response({"items": items, "next": items[-1]["cursor"] if items else cursor_of(after)})
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(after: dict[str, int], limit: int, *, begins: bool) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """The events after these positions, and the positions; the beginning is where what is still kept begins."""
    asked = {service: -1 if begins else position for service, position in after.items()}
    answers = _asked_of_all({service: {"after": position, "limit": limit} for service, position in asked.items()})
    logs = {service: answer["items"] for service, answer in answers.items()}
    if begins:
        after = beginning_of(answers)
    return after, merged(logs, after, limit)


def _asked_of_all(questions: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Ask every log; one that is silent refuses the page, because without it the order would not be the order."""
    given = ask_all([(read_events[service], question) for service, question in questions.items()], seconds=PATIENCE)
    silent = [service for service, answer in zip(questions, given, strict=True) if isinstance(answer, Unavailable)]
    if silent:
        names = ", ".join(silent)
        raise Unavailable(f"Without {names} the feed would be out of order; nothing is lost, try again.", silent=silent)
    answers: dict[str, dict[str, Any]] = {}
    for service, answer in zip(questions, given, strict=True):
        if isinstance(answer, Problem):
            raise answer
        answers[service] = answer
    return answers


class Tip:
    """How far the logs reach, asked four times a second however many wait for news."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._newest: dict[str, int] = {}
        self._silent: Unavailable | None = None
        self._looked = 0.0

    def beyond(self, after: dict[str, int]) -> bool:
        """Tell whether there is anything after these positions."""
        with self._lock:
            if time.monotonic() - self._looked >= LOOK_EVERY:
                self._look(list(after))
            if self._silent:
                raise Unavailable(self._silent.detail, **self._silent.extra)
            return any(self._newest[service] > position for service, position in after.items())

    def _look(self, services: list[str]) -> None:
        try:
            answers = _asked_of_all({service: {"after": LAST, "limit": 1} for service in services})
            self._newest = {service: answer["newest"] for service, answer in answers.items()}
            self._silent = None
        except Unavailable as silent:  # told to everybody who waits, not found out by each of them in turn
            self._silent = silent
        self._looked = time.monotonic()


def _leaving() -> bool:
    """Whether gunicorn has asked this worker to stop: who waits is answered, and comes back to the next one."""
    worker = current_app.extensions.get("worker")
    return worker is not None and not worker.alive


def _tip() -> Tip:
    return current_app.extensions.setdefault("tip", Tip())

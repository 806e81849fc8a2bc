"""The event feed: five logs, each gapless, read as one from any position."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any

from contracts.errors import Invalid
from contracts.log import read_events

SERVICES = tuple(read_events)
LAST = 2**62
BEGINNING = ("", "0")
START = dict.fromkeys(SERVICES, 0)


def cursor_of(positions: Mapping[str, int]) -> str:
    """An opaque cursor: how far each of the logs has been read."""
    written = json.dumps([positions[service] for service in SERVICES], separators=(",", ":"))
    return base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")


def positions_of(cursor: str) -> dict[str, int]:
    """Read a cursor; the empty one and `0` are the start."""
    if cursor in BEGINNING:
        return dict(START)
    try:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,200}", cursor):
            raise ValueError
        positions = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not (isinstance(positions, list) and len(positions) == len(SERVICES)):
            raise ValueError
        if not all(type(position) is int and 0 <= position <= LAST for position in positions):
            raise ValueError
    except (ValueError, binascii.Error, RecursionError):
        raise Invalid.field("/after", "Not a cursor of this feed; leave it out to read from the start.") from None
    return dict(zip(SERVICES, positions, strict=True))


def beginning_of(answers: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """Where reading begins, from what each log gives of its own beginning: before its oldest event that is kept."""
    return {
        service: answer["items"][0]["position"] - 1 if answer["items"] else answer["newest"]
        for service, answer in answers.items()
    }


def merged(logs: Mapping[str, list[dict[str, Any]]], after: Mapping[str, int], limit: int) -> list[dict[str, Any]]:
    """The first `limit` events of all logs, by time, each log in its own order.

    A log's own order counts more than its clock, so only the heads of the logs are compared. Each log has to hold its
    next `limit` events, or all that there are: then no log can run dry before the page is full.
    """
    positions, read = dict(after), dict.fromkeys(logs, 0)
    items: list[dict[str, Any]] = []
    while len(items) < limit:
        unread = {service: log[read[service]] for service, log in logs.items() if read[service] < len(log)}
        if not unread:
            break
        service = min(unread, key=lambda name: unread[name]["time"].rstrip("Z"))
        event = unread[service]
        read[service] += 1
        positions[service] = event["position"]
        items.append({**cloud_event(service, event), "cursor": cursor_of(positions)})
    return items


def cloud_event(service: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """A logged event in the JSON format of CloudEvents 1.0, as it is on AMQP in binary mode."""
    told = {
        "specversion": "1.0",
        "id": event["id"],
        "source": f"/rapport/{service}",
        "type": event["type"],
        "subject": event["subject"],
        "time": event["time"],
        "datacontenttype": "application/json",
        "sequence": str(event["position"]),
        "requestid": event.get("request_id"),
        "data": event["data"],
    }
    return {name: value for name, value in told.items() if value is not None}

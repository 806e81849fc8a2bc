"""An event as it arrives at a listener."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marshmallow import ValidationError

from chassis import wire
from chassis.consumer import Delivery
from contracts.language import Event, Request


@dataclass(frozen=True)
class Told:
    """An event as it arrives: CloudEvents' attributes, and the data loaded through its contract; `plain` as sent."""

    id: str
    type: str
    source: str
    subject: str | None
    time: dt.datetime
    sequence: int
    data: Request
    actor: dict[str, Any] | None
    request_id: str | None
    plain: dict[str, Any]
    traceparent: str | None = None

    @property
    def recorded_at(self) -> float:
        """Seconds since 1970 at its recording: its id is a UUIDv7, while `time` may tell of long ago."""
        return int(self.id[:8] + self.id[9:13], 16) / 1000


class Hopeless(Exception):
    """No retry can help."""


class Unreadable(Hopeless):
    """The message is not an event that the contract knows."""


def read(delivery: Delivery, known: dict[tuple[str, str], tuple[Event, Any]]) -> Told:
    """Read a delivery, or refuse it as Unreadable."""
    if delivery.size > wire.LARGEST_BODY:
        raise Unreadable(f"a body of {delivery.size} bytes")
    headers = delivery.headers
    try:
        source = str(headers["ce-source"])
        kind = (source.rpartition("/")[2], str(headers["ce-type"]))
        event, schema = known[kind]
        plain = wire.loads(delivery.body)
        return Told(
            id=str(UUID(headers["ce-id"])),
            type=event.type,
            source=source,
            subject=str(UUID(headers["ce-subject"])) if headers.get("ce-subject") else None,
            time=dt.datetime.fromisoformat(headers["ce-time"]),
            sequence=int(headers["ce-sequence"]),
            data=schema.load(plain),
            actor=wire.loads(headers["ce-actor"]) if headers.get("ce-actor") else None,
            request_id=headers.get("ce-requestid"),
            plain=plain,
            traceparent=headers.get("ce-traceparent"),
        )
    except (KeyError, ValueError, TypeError, AttributeError, ValidationError) as error:
        raise Unreadable(f"{type(error).__name__}: {error}"[:500]) from error

"""Events as a listener gets them, each of a request and a colleague of its own."""

from __future__ import annotations

import datetime as dt
from typing import Any

from chassis.ids import new_id
from chassis.told import Told
from contracts.language import Event

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


def heard(event: Event, contact: str, position: int, **data: Any) -> Told:
    """What a colleague of that number did by the request of that number, so many seconds after noon."""
    time = NOON + dt.timedelta(seconds=position)
    loaded, source = event.load(data), f"/rapport/{event.service}"
    who = {"id": f"colleague {position}", "role": "sales", "name": "A colleague"}
    return Told(new_id(), event.type, source, contact, time, position, loaded, who, f"r-{position}", data)


def asked_by(event: Told) -> tuple[str | None, str | None]:
    """The request that an event comes of, and who made it."""
    return event.request_id, (event.actor or {}).get("id")


def number(position: int) -> tuple[str, str]:
    """The request and the colleague of that number."""
    return f"r-{position}", f"colleague {position}"

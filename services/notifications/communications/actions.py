"""Writing down what was said elsewhere."""

from __future__ import annotations

import datetime as dt
from typing import Any

from chassis.ids import new_id
from contracts.errors import Invalid
from contracts.notifications import communications
from services.acquaintance import known_contact
from services.notifications.messages.model import Message

_CLOCKS_DIFFER = dt.timedelta(minutes=5)
_LONG_AGO = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)


def log_communication(work: Any, request: Any) -> Message:
    """Write down a call or a message; also with an archived contact, for it happened."""
    happened_at = request.happened_at or work.now
    if not _LONG_AGO <= happened_at <= work.now + _CLOCKS_DIFFER:
        raise Invalid.field("/happened_at", "It has not happened yet, or nobody alive was there.")
    if request.duration_seconds is not None and request.channel != "call":
        raise Invalid.field("/duration_seconds", "Only a call has a duration.")
    contact = known_contact(work, request.contact_id)
    message = Message(
        id=new_id(), contact_id=contact.contact_id, channel=request.channel, direction=request.direction,
        state="logged", counterpart=request.counterpart, subject=request.subject, body_text=request.body_text,
        notes=request.notes, outcome=request.outcome, duration_seconds=request.duration_seconds, attempts=0,
        happened_at=happened_at, by_id=work.actor.id, by_name=work.actor.name,
    )  # fmt: skip
    work.session.add(message)
    work.session.flush()
    work.record(
        communications.message_logged, contact.contact_id, message_id=message.id, channel=message.channel,
        direction=message.direction, subject_line=message.subject or "", outcome=message.outcome,
        happened_at=happened_at,
    )  # fmt: skip
    return message

"""What became of the messages that a bulk action asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chassis.rows import update_rows
from contracts.notifications.messages import message_refused
from services.contacts.bulk.model import BulkResult


def note_message(work: Any, events: Sequence[Any]) -> None:
    """Write down that it waits to be sent, or why it is not sent."""
    rows = {
        (event.data.bulk_id, event.subject): {
            "bulk_id": event.data.bulk_id,
            "contact_id": event.subject,
            "outcome": "refused" if event.type == message_refused.type else "queued",
            "detail": event.data.get("reason"),
        }
        for event in events
        if event.data.bulk_id
    }
    update_rows(work.session, BulkResult.__table__, [row for _, row in sorted(rows.items())])

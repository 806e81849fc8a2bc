"""What happens anywhere is put on the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from contracts.catalogue import all_events
from services.contacts.timeline.model import TimelineEntry

SCHEMAS = {event.type: event.data() for event in all_events()}
"""How the data of each kind of event is written down again."""


def add_to_timeline(work: Any, events: Sequence[Any]) -> None:
    """Enter what is about a contact, each event once, in whatever order and however often it comes."""
    entries = {
        (event.subject, event.id): {
            "contact_id": event.subject,
            "event_id": event.id,
            "happened_at": event.time,
            "type": event.type,
            "source": event.source.rpartition("/")[2],
            "sequence": event.sequence,
            "data": SCHEMAS[event.type].dump(event.data),
            "actor": event.actor,
        }
        for event in events
        if event.subject
    }
    if entries:
        work.session.execute(insert(TimelineEntry).on_conflict_do_nothing(), list(entries.values()))

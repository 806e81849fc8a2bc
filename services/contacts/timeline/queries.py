"""Reading the timeline."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.pages import page_of
from contracts.catalogue import all_events
from services.contacts.contact.queries import known_contact
from services.contacts.timeline.model import TimelineEntry
from services.contacts.timeline.rules import seen, summary_of, types_asked, withheld_from


def get_timeline(work: Any, request: Any) -> dict[str, Any]:
    """Read a contact's history, the newest first: of each service's entries those that the reader could ask it for."""
    types = types_asked(request.type, seen(all_events()))
    contact_id = known_contact(work, request.contact_id)
    statement = sa.select(TimelineEntry).where(TimelineEntry.contact_id == contact_id)
    if types is not None:
        statement = statement.where(TimelineEntry.type.in_(types))
    if withheld := withheld_from(work.actor.may):
        statement = statement.where(TimelineEntry.source.not_in(withheld))
    page = page_of(work, statement, [TimelineEntry.happened_at.desc(), TimelineEntry.event_id.desc()], request)
    return {**page, "items": [_told(entry) for entry in page["items"]]}


def _told(entry: TimelineEntry) -> dict[str, Any]:
    return {
        "id": entry.event_id,
        "type": entry.type,
        "happened_at": entry.happened_at,
        "source": entry.source,
        "summary": summary_of(entry.type, entry.data),
        "data": entry.data,
        "actor": entry.actor,
    }

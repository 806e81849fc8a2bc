"""Reading the timeline."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from chassis.pages import page_of
from contracts.catalogue import all_events
from services.contacts.contact.queries import known_contact
from services.contacts.timeline.model import TimelineEntry
from services.contacts.timeline.rules import seen, summary_of, types_asked, withheld_from


def get_timeline(work: Any, request: Any) -> dict[str, Any]:
    """Read a contact's history, the newest first: of each service's entries those that the reader could ask it for."""
    types = types_asked(request.type, seen(all_events()))
    contact_id = known_contact(work, request.contact_id)
    withheld = withheld_from(work.actor.may)
    if withheld or types is not None:
        shown = {event.type for event in seen(all_events()) if event.service not in withheld}
        types = sorted(shown.intersection(types) if types is not None else shown)
    if types == []:
        return {"items": [], "next": None}
    entry = TimelineEntry if types is None else _of_types(contact_id, types)
    statement = sa.select(entry).where(entry.contact_id == contact_id)
    page = page_of(work, statement, [entry.happened_at.desc(), entry.event_id.desc()], request)
    return {**page, "items": [_told(entry) for entry in page["items"]]}


def _of_types(contact_id: str, types: list[str]) -> type[TimelineEntry]:
    """The entries of these types: a scan of the index for each, merged, so that none reads what it does not show."""
    wanted = (sa.select(TimelineEntry).where(TimelineEntry.contact_id == contact_id, TimelineEntry.type == type)
              for type in types)  # fmt: skip
    return aliased(TimelineEntry, sa.union_all(*wanted).subquery("chosen"))


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

"""Reading the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from chassis.pages import keys_for, merged_page_of, page_of
from contracts.catalogue import all_events
from contracts.contacts.bookings import booking_cancelled
from contracts.contacts.notes import note_removed
from services.contacts.contact.queries import known_contact
from services.contacts.timeline.model import TimelineEntry
from services.contacts.timeline.rules import seen, summary_of, types_asked, withheld_from, without_words

_entries: Any = TimelineEntry.__table__


def get_timeline(work: Any, request: Any) -> dict[str, Any]:
    """Read a contact's history: of each service's entries those that the reader could ask it for."""
    types = types_asked(request.type, seen(all_events()))
    if request.late is not None:
        types = [booking_cancelled.type] if types is None or booking_cancelled.type in types else []
    contact_id = known_contact(work, request.contact_id)
    withheld = withheld_from(work.actor.may)
    if withheld or types is not None:
        shown = {event.type for event in seen(all_events()) if event.service not in withheld}
        types = sorted(shown.intersection(types) if types is not None else shown)
    if types == []:
        return {"items": [], "next": None}
    whole = sa.select(_entries).where(_entries.c.contact_id == contact_id)
    if request.late is not None:
        whole = whole.where(_entries.c.data["late"].as_boolean() == request.late)
    if request.since is not None:
        whole = whole.where(_entries.c.happened_at >= request.since)
    if request.until is not None:
        whole = whole.where(_entries.c.happened_at < request.until)
    keys = keys_for(request.sort, oldest=[_entries.c.happened_at, _entries.c.event_id])
    if types is None:
        page = page_of(work, whole, keys, request)
    else:
        page = merged_page_of(work, [whole.where(_entries.c.type == type) for type in types], keys, request)
    removed = _removed_notes(work, contact_id, page["items"])
    return {**page, "items": [_told(entry, removed) for entry in page["items"]]}


def _removed_notes(work: Any, contact_id: str, shown: Sequence[Any]) -> set[str]:
    """The notes of which the reader sees no word here any more: they were removed."""
    if work.actor.may("notes.manage") or not any("note_id" in entry.data for entry in shown):
        return set()
    of_contact = (_entries.c.contact_id == contact_id) & (_entries.c.type == note_removed.type)
    return set(work.session.scalars(sa.select(_entries.c.data["note_id"].astext).where(of_contact)))


def _told(entry: Any, removed: set[str]) -> dict[str, Any]:
    data = without_words(entry.data) if entry.data.get("note_id") in removed else entry.data
    return {
        "id": entry.event_id,
        "type": entry.type,
        "happened_at": entry.happened_at,
        "source": entry.source,
        "summary": summary_of(entry.type, data),
        "data": data,
        "actor": entry.actor,
    }

"""What happened with contacts since an import brought them, in whatever service."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select, union_all

from chassis import tables
from services.contacts.importing.rules.undoing import Effect
from services.contacts.timeline.model import TimelineEntry

BY_ITSELF = ("lead.entered", "segment.entered", "segment.left", "contact.facts_changed")
"""What follows from being entered, without anybody's doing; so do tags of the system."""
FRESH = 20_000
"""So many events of this service may not be on the timeline yet."""


def touched_since(work: Any, created: Mapping[str, Effect]) -> dict[str, list[str]]:
    """Tell for each contact what is on its timeline that the import did not bring, in words; none: untouched."""
    if not created:
        return {}
    entry, own = TimelineEntry.__table__.c, tables.events.c
    ids = list(created)
    newest = select(func.coalesce(func.max(own.seq), 0) - FRESH).scalar_subquery()
    wanted = union_all(
        select(entry.contact_id, entry.type, entry.happened_at, entry.data["system"].astext).where(
            entry.contact_id.in_(ids)
        ),
        select(own.subject, own.type, own.time, own.data["system"].astext).where(
            own.seq > newest, own.subject.in_(ids)
        ),
    )
    ours = {contact_id: {dt.datetime.fromisoformat(at) for at in effect.at} for contact_id, effect in created.items()}
    found: dict[str, set[str]] = defaultdict(set)
    for contact_id, type, at, system in work.session.execute(wanted):
        if type not in BY_ITSELF and system != "true" and at > min(ours[contact_id]) and at not in ours[contact_id]:
            found[contact_id].add(type.replace(".", " ").replace("_", " "))
    return {contact_id: sorted(types) for contact_id, types in found.items()}

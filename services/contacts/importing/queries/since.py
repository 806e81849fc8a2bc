"""What happened with contacts since an import brought them, in whatever service."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Text, cast, func, select, union_all

from chassis import tables
from services.contacts.companies.model import Affiliation
from services.contacts.importing.model import ImportRow
from services.contacts.importing.rules.undoing import Effect
from services.contacts.timeline.model import TimelineEntry

BY_ITSELF = ("lead.entered", "segment.entered", "segment.left", "contact.facts_changed")
"""What follows from being entered, without anybody's doing; so do tags of the system."""
_OF_OTHERS = ("affiliation.added", "affiliation.changed", "affiliation.removed")
"""Told to a company, these are about its people; `staffed_since` tells whether it has any but the import's."""
_BROUGHT = ("referral.made", "referral.removed")
"""Told to who referred somebody; by an import, it is the import's doing in whatever step."""
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
        _told(entry.contact_id, entry.type, entry.happened_at, entry.data).where(entry.contact_id.in_(ids)),
        _told(own.subject, own.type, own.time, own.data).where(own.seq > newest, own.subject.in_(ids)),
    )
    ours = {contact_id: {dt.datetime.fromisoformat(at) for at in effect.at} for contact_id, effect in created.items()}
    found: dict[str, set[str]] = defaultdict(set)
    for contact_id, type, at, system, company_id, via in work.session.execute(wanted):
        if (company_id == contact_id and type in _OF_OTHERS) or (via == "import" and type in _BROUGHT):
            continue
        if type not in BY_ITSELF and system != "true" and at > min(ours[contact_id]) and at not in ours[contact_id]:
            found[contact_id].add(type.replace(".", " ").replace("_", " "))
    return {contact_id: sorted(types) for contact_id, types in found.items()}


def staffed_since(work: Any, import_id: str, company_ids: Collection[str], staying: Collection[str]) -> set[str]:
    """Which of these companies have people whom the import did not put there, or who stay as it put them there."""
    if not company_ids:
        return set()
    row = ImportRow.__table__.c
    brought = select(1).where(
        row.import_id == import_id,
        row.contact_id == Affiliation.contact_id,
        row.effects["affiliations"].has_key(cast(Affiliation.id, Text)),
        row.undone.is_distinct_from("left"),
        row.contact_id.not_in(list(staying)),
    )
    others = select(Affiliation.company_id).where(Affiliation.company_id.in_(company_ids), ~brought.exists())
    return set(work.session.scalars(others))


def _told(contact_id: Any, type: Any, at: Any, data: Any) -> Any:
    return select(contact_id, type, at, data["system"].astext, data["company_id"].astext, data["via"].astext)

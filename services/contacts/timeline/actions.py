"""Entering events, and dropping what no log knows of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import delete, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from chassis.rows import rows_of, upserting
from services.contacts.projections.rules import Happened
from services.contacts.timeline.model import TimelineEntry
from services.contacts.timeline.rules import UNSEEN, whose

PROJECTION = "timeline"
_entries = TimelineEntry.__table__
_key = list(_entries.primary_key)
_enter_once = insert(_entries).from_select([c.name for c in _entries.c], select(*rows_of(_entries).c))
_enter_once = _enter_once.on_conflict_do_nothing(index_elements=_key)
_enter_anew = upserting(_entries)


def enter(work: Any, events: Iterable[Happened], edition: int, *, anew: bool = False) -> None:
    """Enter what is about a contact or a managed thing, each event once; `anew` rewrites what is there as well."""
    about = ((whose(event.subject, event.type, event.data), event) for event in events)
    rows = {(of, event.id): _row(of, event, edition) for of, event in about if of}
    seen = [row for _, row in sorted(rows.items()) if row["type"] not in UNSEEN]
    if seen:
        work.session.execute(_enter_anew if anew else _enter_once, {"given": seen})


def drop_unseen_entries(
    work: Any, *, after: tuple[str, str], count: int, edition: int, firsts: Mapping[str, int]
) -> tuple[str, str] | None:
    """Drop, of the next so many entries, those of an edition before this; tell the last one looked at.

    Of each service only what stands in its log from its first position on: what a log has forgotten is kept here.
    """
    key = tuple_(*_key)
    last = work.session.execute(select(*_key).where(key > after).order_by(*_key).offset(count - 1).limit(1)).first()
    looked_at = (key > after) & (key <= tuple(last)) if last else key > after
    logged = (
        (_entries.c.source == service) & (func.coalesce(_entries.c.sequence, first) >= first)
        for service, first in firsts.items()
    )
    work.session.execute(delete(_entries).where(looked_at, _entries.c.edition < edition, or_(*logged)))
    return (str(last[0]), str(last[1])) if last else None


def _row(of: str, event: Happened, edition: int) -> dict[str, Any]:
    return {
        "contact_id": of,
        "event_id": event.id,
        "happened_at": event.time.isoformat(),
        "type": event.type,
        "source": event.source,
        "sequence": event.sequence,
        "data": event.data,
        "actor": event.actor,
        "edition": edition,
    }

"""What was told of contacts of late, and perhaps not heard here yet, though its effect is seen already."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from chassis.tables import events
from services.contacts.finding.queries.almanac import among

LOOKED_BACK = 2000
_of = events.c
_READ = (_of.id, _of.type, _of.subject, _of.time, _of.data, _of.actor, _of.request_id, _of.traceparent)


def told_of_late(work: Any, contact_ids: Collection[str]) -> dict[str, list[Any]]:
    """The newest events of these contacts, in order, as far as so many events go back."""
    newest = sa.select(sa.func.max(_of.seq)).scalar_subquery()
    told = sa.select(*_READ).where(_of.seq > newest - LOOKED_BACK)
    found: dict[str, list[Any]] = {}
    for row in work.session.execute(
        told.where(among(_of.subject, list(contact_ids), _of.subject.type)).order_by(_of.seq)
    ):
        found.setdefault(row.subject, []).append(row)
    return found

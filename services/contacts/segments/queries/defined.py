"""The segments as they are defined now, each compiled to a condition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from chassis import telemetry
from contracts.errors import Invalid
from services.contacts.finding.queries.catalogue import Catalogue
from services.contacts.finding.queries.compiling import Compiled
from services.contacts.segments.model import Segment

log = telemetry.logger(__name__)
_segments: Any = Segment.__table__
DEFINED, CHANGED = "the segment was defined", "the segment was changed"
"""Causes, in words."""


@dataclass(frozen=True)
class Definition:
    """A segment or the rule of a system tag; `found` is its filter compiled for today.

    `pending` says why not everybody was looked at with this filter yet.
    """

    id: str
    name: str
    tag: str | None
    edition: int
    filter: dict[str, Any]
    found: Compiled
    pending: str | None = None


def definitions(work: Any, catalogue: Catalogue, ids: list[str] | None = None) -> list[Definition]:
    """Every segment that is not deleted, or those of these ids; one that cannot be understood any more is left out."""
    statement = sa.select(_segments.c["id", "name", "tag", "edition", "evaluated", "filter"]).where(
        _segments.c.deleted_at.is_(None)
    )
    if ids is not None:
        statement = statement.where(_segments.c.id.in_(ids))
    defined = []
    for row in work.session.execute(statement.order_by(_segments.c.id)):
        try:
            found = catalogue.compiled(row.filter)
        except Invalid as problem:
            log.warning("segment not understood", segment=row.id, errors=problem.errors)
            continue
        pending = None if row.evaluated == row.edition else DEFINED if row.edition == 1 else CHANGED
        defined.append(Definition(row.id, row.name, row.tag, row.edition, row.filter, found, pending))
    return defined

"""The segments as compiled last, for as long as nothing that they were compiled from has changed.

To compile fifty filters costs more than to ask the database with them, and the same statement is known to SQLAlchemy
when it comes again. What decides is read anew every time, in one statement, because any process may change it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from services.contacts.finding.queries.catalogue import Catalogue, catalogue_of_segments
from services.contacts.finding.queries.fields import contacts
from services.contacts.finding.queries.matching import with_facts
from services.contacts.segments.model import SegmentMember
from services.contacts.segments.queries.defined import Definition, definitions

_members: Any = SegmentMember.__table__
_of = contacts.c
_KEY = sa.Uuid(as_uuid=False)
_ROWS = "(SELECT string_agg({key} || ' ' || xmin, ',' ORDER BY {key}) FROM {table} {where})"
_STANDS = sa.text(
    "SELECT current_database(), "
    + ", ".join(
        _ROWS.format(table=table, key=key, where=where)
        for table, key, where in (
            ("segments", "id", "WHERE deleted_at IS NULL"),
            ("custom_fields", "id", ""),
            ("settings", "key", ""),
            ("locations", "id", ""),
        )
    )
)
"""Each row with the transaction that wrote it: a row that was written again, by whomever, is another."""


@dataclass(frozen=True)
class Segmentation:
    """All segments with the catalogue that they were compiled with; `looking` asks for contacts, a column a segment."""

    stands: tuple[Any, ...]
    days: list[dt.date]
    catalogue: Catalogue
    defined: Sequence[Definition]
    looking: sa.Select[Any]

    @cached_property
    def fields(self) -> frozenset[str]:
        """All that any of them asks about."""
        return frozenset().union(*(definition.found.fields for definition in self.defined))

    def holds(self, stands: tuple[Any, ...], now: dt.datetime) -> bool:
        """Whether every row is still the same, and the day in every time zone."""
        return self.stands == stands and self.days == _days(self.catalogue, now)


_remembered: list[Segmentation] = []


def segmentation(work: Any) -> Segmentation:
    """Every segment as it is at this very moment, compiled again only when that is needed.

    Rows that change while they are read are compiled as they became, and read again the next time.
    """
    stands = tuple(work.session.execute(_STANDS).one())
    if not (_remembered and _remembered[0].holds(stands, work.now)):
        catalogue = catalogue_of_segments(work, singly=True)
        defined = definitions(work, catalogue)
        _remembered[:] = [Segmentation(stands, _days(catalogue, work.now), catalogue, defined, _looking(defined))]
    return _remembered[0]


def _days(catalogue: Catalogue, now: dt.datetime) -> list[dt.date]:
    return [now.astimezone(zone).date() for zone in catalogue.almanac.zones]


def _looking(defined: Sequence[Definition]) -> sa.Select[Any]:
    member = sa.select(_members.c.segment_id).where(_members.c.contact_id == _of.id).correlate(contacts)
    active = _of.standing == "active"
    of_facts = any(definition.found.of_facts for definition in defined)
    columns: list[Any] = [
        sa.cast(_of.id, sa.Text),  # as text the driver reads ids in a fifth of the time
        sa.cast(sa.func.array(member.scalar_subquery(), type_=ARRAY(_KEY)), ARRAY(sa.Text)),
        *(sa.and_(active, d.found.where).is_(True).label(f"s{n}") for n, d in enumerate(defined)),
    ]
    return (
        sa.select(*columns)
        .select_from(with_facts(perhaps=of_facts))
        .where(_of.id == sa.any_(sa.bindparam("ids", type_=ARRAY(_KEY))))
        .order_by(_of.id)
    )

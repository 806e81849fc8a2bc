"""Segments, whose room stands above this one: their tables are known here by name alone."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from services.contacts.contact.rules import fold
from services.contacts.finding.queries.fields import Field, contacts
from services.contacts.finding.queries.sources.naming import Named

MOST_OFFERED = 500
_KEY = sa.Uuid(as_uuid=False)
_segments: Any = sa.table(
    "segments",
    sa.column("id", _KEY),
    sa.column("name", sa.Text),
    sa.column("name_key", sa.Text),
    sa.column("tag", sa.Text),
    sa.column("deleted_at", sa.DateTime(timezone=True)),
)
_members: Any = sa.table("segment_members", sa.column("segment_id", _KEY), sa.column("contact_id", _KEY))
_SHOWN = sa.and_(_segments.c.deleted_at.is_(None), _segments.c.tag.is_(None))


def _offered(work: Any) -> list[tuple[str, str]]:
    rows = sa.select(_segments.c.id, _segments.c.name).where(_SHOWN).order_by(_segments.c.name_key)
    return [(row.id, row.name) for row in work.session.execute(rows.limit(MOST_OFFERED))]


FIELDS = (
    Field(
        name="segments",
        label="Segments",
        type="set",
        section="Tags and groups",
        column=_members.c.segment_id,
        through=sa.select(sa.literal(1))
        .select_from(_members.join(_segments, _segments.c.id == _members.c.segment_id))
        .where(_members.c.contact_id == contacts.c.id, _SHOWN),
        among=Named(_members.c.segment_id, _segments.c.id, _segments.c.name_key, fold),
        offers=_offered,
    ),
)
NAMES = frozenset(field.name for field in FIELDS)

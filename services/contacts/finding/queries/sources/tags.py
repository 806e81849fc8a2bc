"""Tags, asked for by their name or by their id."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, literal, or_, select
from sqlalchemy.types import Uuid

from services.contacts.finding.queries.almanac import among
from services.contacts.finding.queries.fields import Field, contacts
from services.contacts.finding.rules.values import read_id
from services.contacts.tags.model import ContactTag, Tag
from services.contacts.tags.rules import key_of

MOST_OFFERED = 1000
_tags: Any = Tag.__table__
_worn: Any = ContactTag.__table__


def _among(values: list[str]) -> ColumnElement[bool]:
    ids = [found for value in values if (found := read_id(value))]
    named = among(_tags.c.key, [key_of(value) for value in values])
    tags = select(_tags.c.id).where(or_(named, among(_tags.c.id, ids, Uuid(as_uuid=False))) if ids else named)
    return _worn.c.tag_id.in_(tags)


def _offered(work: Any) -> list[tuple[str, str]]:
    rows = work.session.execute(
        select(_tags.c.name).where(_tags.c.removed_at.is_(None)).group_by(_tags.c.name).order_by(_tags.c.name).limit(MOST_OFFERED)
    )  # fmt: skip
    return [(row.name, row.name) for row in rows]


FIELDS = (
    Field(
        name="tags",
        label="Tags",
        type="set",
        column=_worn.c.tag_id,
        through=select(literal(1)).select_from(_worn).where(_worn.c.contact_id == contacts.c.id),
        among=_among,
        offers=_offered,
        section="Tags and groups",
    ),
)

"""Tags, asked for by their name or by their id."""

from __future__ import annotations

from typing import Any

from sqlalchemy import literal, select

from services.contacts.finding.queries.fields import Field, contacts
from services.contacts.finding.queries.sources.naming import Named
from services.contacts.tags.model import ContactTag, Tag
from services.contacts.tags.rules import key_of

MOST_OFFERED = 1000
_tags: Any = Tag.__table__
_worn: Any = ContactTag.__table__


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
        among=Named(_worn.c.tag_id, _tags.c.id, _tags.c.key, key_of),
        offers=_offered,
        section="Tags and groups",
    ),
)

"""Which tags there are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from chassis.pages import keys_for, narrowed, page_of
from contracts.errors import NotFound
from services.contacts.contact.queries import known_contact
from services.contacts.tags.model import ContactTag, Tag
from services.contacts.tags.rules import key_of

_tags: Any = Tag.__table__
_SHOWN = (_tags.c.id, _tags.c.name, _tags.c.system, _tags.c.meaning, _tags.c.version)


def list_tags(work: Any, request: Any) -> dict[str, Any]:
    """List the tags of the business and of the system, or of one contact."""
    statement = sa.select(Tag).where(Tag.removed_at.is_(None))
    if request.contact_id:
        contact_id = known_contact(work, request.contact_id)
        statement = statement.join(ContactTag, ContactTag.tag_id == Tag.id).where(ContactTag.contact_id == contact_id)
    if request.q:
        statement = statement.where(Tag.key.contains(key_of(request.q), autoescape=True))
    statement = narrowed(statement, request, Tag.system)
    return page_of(work, statement, keys_for(request.sort, oldest=[Tag.id], name=[Tag.key, Tag.id]), request)


def get_tag(work: Any, request: Any) -> dict[str, Any]:
    """Answer one tag, and how many contacts have it."""
    shown = sa.select(*_SHOWN).where(_tags.c.id == request.tag_id, _tags.c.removed_at.is_(None))
    row = work.session.execute(shown).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such tag.")
    return {**row, "carried_by": carriers_of(work, request.tag_id)}


def carriers_of(work: Any, tag_id: str) -> int:
    """How many contacts have a tag."""
    return work.session.scalar(sa.select(sa.func.count()).where(ContactTag.tag_id == tag_id))


def names_of(work: Any, contact_id: str) -> list[str]:
    """The names of a contact's tags, in order."""
    of_contact = sa.select(Tag.name).join(ContactTag, ContactTag.tag_id == Tag.id).where(Tag.removed_at.is_(None))
    return list(work.session.scalars(of_contact.where(ContactTag.contact_id == contact_id).order_by(Tag.key, Tag.id)))


def defined_by_business(work: Any, keys: Iterable[str]) -> set[str]:
    """Those of the keys that a tag of the business has."""
    of_business = sa.select(_tags.c.key).where(_tags.c.system.is_(False), _tags.c.removed_at.is_(None))
    return set(work.session.scalars(of_business.where(_tags.c.key.in_(sorted(set(keys))))))

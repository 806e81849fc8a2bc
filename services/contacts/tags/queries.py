"""Which tags there are."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.pages import page_of
from services.contacts.contact.queries import known_contact
from services.contacts.tags.model import ContactTag, Tag


def list_tags(work: Any, request: Any) -> dict[str, Any]:
    """List the tags of the business, or of one contact."""
    statement = sa.select(Tag)
    if request.contact_id:
        contact_id = known_contact(work, request.contact_id)
        statement = statement.join(ContactTag, ContactTag.tag_id == Tag.id).where(ContactTag.contact_id == contact_id)
    return page_of(work, statement, [Tag.key, Tag.id], request)


def names_of(work: Any, contact_id: str) -> list[str]:
    """The names of a contact's tags, in order."""
    of_contact = sa.select(Tag.name).join(ContactTag, ContactTag.tag_id == Tag.id)
    return list(work.session.scalars(of_contact.where(ContactTag.contact_id == contact_id).order_by(Tag.key, Tag.id)))

"""Whether somebody is known here."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from contracts.errors import Merged, NotFound
from services.contacts.contact.model import Contact


def known_contact(work: Any, contact_id: str) -> str:
    """Give the id back when it is a contact's, archived or not; a merged one answers Merged with the survivor's."""
    row = work.session.execute(select(Contact.merged_into).where(Contact.id == contact_id)).one_or_none()
    if row is None:
        raise NotFound("There is no contact of this id.")
    if row.merged_into:
        raise Merged("This contact lives on under another id.", survivor=row.merged_into)
    return contact_id

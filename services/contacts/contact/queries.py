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


def refuse_out_of_reach(work: Any, contact_id: str) -> None:
    """A member's id is their contact's; whoever else there is, a member is not told."""
    if work.actor.role == "member" and work.actor.id != contact_id:
        raise NotFound("There is no contact of this id.")


def reached_contact(work: Any, contact_id: str) -> str:
    """`known_contact` for doors that members may use as well."""
    refuse_out_of_reach(work, contact_id)
    return known_contact(work, contact_id)


def living_id(work: Any, contact_id: str) -> str:
    """The id under which a contact lives on, if it was merged; else its own, whether there is one or not."""
    merged = select(Contact.merged_into)
    while survivor := work.session.scalar(merged.where(Contact.id == contact_id)):
        contact_id = survivor
    return contact_id

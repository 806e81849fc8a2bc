"""What stands against entering or changing a card, once it is readable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from contracts.errors import Conflict, Invalid
from services.contacts.contact.model import Contact
from services.contacts.people.queries import Bearer
from services.contacts.team.queries import active_members


def already_there(doubles: Sequence[Bearer], taken: Sequence[str]) -> Conflict:
    """The refusal that names the records found, at the pointers of what they have."""
    found = [{"id": one.contact_id, "display_name": one.display_name} for one in doubles]
    detail = "This contact exists already. If it is not the same, name the one found in not_duplicate_of."
    errors = [{"pointer": pointer, "detail": detail} for pointer in taken]
    return Conflict(detail, errors, existing_id=doubles[0].contact_id, duplicates=found)


def refuse_absent_member(work: Any, member_id: str | None) -> None:
    """Refuse an assignee who is unknown or has left."""
    if member_id and not active_members(work, [member_id]):
        raise Invalid.field("/assigned_to", "Nobody of this id works here.")


def refuse_unknown_contacts(work: Any, ids: Sequence[str]) -> None:
    """Refuse to tell a contact apart from nobody."""
    if not ids:
        return
    known = set(work.session.scalars(select(Contact.id).where(Contact.id.in_(ids))))
    unknown = [n for n, contact_id in enumerate(ids) if contact_id not in known]
    if unknown:
        detail = "There is no contact of this id."
        raise Invalid(detail, [{"pointer": f"/not_duplicate_of/{n}", "detail": detail} for n in unknown])

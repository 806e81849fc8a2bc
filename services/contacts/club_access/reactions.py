"""The doors follow what the contact is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from chassis.rows import one_of
from contracts.contacts.people import contact_changed
from services.contacts.club_access.actions import suspend_or_resume
from services.contacts.club_access.model import ClubAccess
from services.contacts.club_access.rules import may_enter, why_not
from services.contacts.contact.actions import hold_contacts


def follow_contacts(work: Any, events: Sequence[Any]) -> None:
    """Suspend the access of who is no customer any more or is archived, and give it back; what they are now counts."""
    heard = [event for event in events if event.type != contact_changed.type or _is_of_standing(event)]
    concerned = {event.subject for event in heard}
    given = select(ClubAccess.contact_id).where(one_of(ClubAccess.contact_id, concerned))
    with_access = work.session.scalars(given).all() if concerned else []
    if not with_access:
        return
    work.because_of(heard)
    contacts = hold_contacts(work, with_access)
    for access in work.session.scalars(select(ClubAccess).where(ClubAccess.contact_id.in_(list(contacts)))):
        contact = contacts[access.contact_id]
        suspend_or_resume(work, access, suspended=not may_enter(contact), reason=why_not(contact))


def _is_of_standing(event: Any) -> bool:
    return "standing" in event.data.changes

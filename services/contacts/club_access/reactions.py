"""The doors follow the lifecycle."""

from __future__ import annotations

from typing import Any

from services.contacts.club_access.actions import suspend_or_resume
from services.contacts.club_access.model import ClubAccess
from services.contacts.club_access.rules import may_enter
from services.contacts.contact.actions import hold_contacts


def follow_lifecycle(work: Any, event: Any) -> None:
    """Suspend the access of who is no customer any more, and give it back; what the contact is now counts."""
    contact = hold_contacts(work, [event.subject]).get(event.subject)
    access = work.session.get(ClubAccess, event.subject)
    if contact is not None and access is not None:
        suspend_or_resume(work, access, suspended=not may_enter(contact), reason=contact.lifecycle_reason)

"""Where a contact may enter."""

from __future__ import annotations

from typing import Any

from services.contacts.club_access.model import ClubAccess
from services.contacts.club_access.rules import shown
from services.contacts.contact.model import Contact
from services.contacts.contact.queries import known_contact


def get_club_access(work: Any, request: Any) -> dict[str, Any]:
    """Answer a contact's locations; whoever was never given any has none."""
    contact = work.session.get(Contact, known_contact(work, request.contact_id))
    return shown(contact, work.session.get(ClubAccess, contact.id))

"""Who may enter at all."""

from __future__ import annotations

from typing import Any

from services.contacts.club_access.model import ClubAccess
from services.contacts.contact.model import Contact


def may_enter(contact: Contact) -> bool:
    """Only a customer who is not archived may."""
    return contact.lifecycle == "customer" and contact.standing == "active"


def why_not(contact: Contact) -> str:
    """What the contact is, as a reason to let them in or not."""
    return contact.lifecycle_reason if contact.standing == "active" else f"the contact is {contact.standing}"


def shown(contact: Contact, access: ClubAccess | None) -> dict[str, Any]:
    """Access in the shape of `contracts.contacts.club_access.ClubAccess`; version 0 before there was any."""
    return {
        "contact_id": contact.id,
        "locations": access.locations if access else [],
        "suspended": bool(access) and not may_enter(contact),
        "version": access.version if access else 0,
    }

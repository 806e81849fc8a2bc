"""Relating two, where the other may be new."""

from __future__ import annotations

from typing import Any

from contracts.errors import Invalid
from services.contacts.card.actions.introducing import introduce
from services.contacts.contact.actions import hold_contact, hold_pair
from services.contacts.relations.actions import relate


def add_relation(work: Any, request: Any) -> dict[str, Any]:
    """Relate a contact to one who is known, or to one who is entered for it."""
    if (request.related_id is None) == (request.person is None):
        detail = "Say either related_id, of a contact who is known, or person, of one to be entered."
        raise Invalid(detail, [{"pointer": f"/{name}", "detail": detail} for name in ("related_id", "person")])
    other_id = request.related_id
    if request.person is not None:
        bringer = hold_contact(work, request.contact_id)
        other_id = introduce(work, request.person, by=bringer, acquisition="related_contact", pointer="/person")
    contact, other = hold_pair(work, request.contact_id, other_id, pointer="/related_id")
    return relate(work, contact, other, kind=request.kind, role=request.role, note=request.note)

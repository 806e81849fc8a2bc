"""What is left, and how it came to that."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.pages import page_of
from services.contacts.contact.queries import known_contact
from services.contacts.credits.model import CreditEntry, CreditPack


def list_credits(work: Any, request: Any) -> dict[str, Any]:
    """A page of a contact's packs, newest first, and how many credits can be used today."""
    contact_id = known_contact(work, request.contact_id)
    # A reversal that came before its payment is no pack yet.
    of_contact = (CreditPack.contact_id == contact_id, CreditPack.paid_position > 0)
    still = sa.or_(CreditPack.expires_on.is_(None), CreditPack.expires_on >= work.now.date())
    usable = work.session.scalar(sa.select(sa.func.sum(CreditPack.left)).where(*of_contact, still))
    page = page_of(work, sa.select(CreditPack).where(*of_contact), [CreditPack.id.desc()], request)
    return page | {"usable": usable or 0}


def list_credit_entries(work: Any, request: Any) -> dict[str, Any]:
    """A page of the ledger of a contact's packs, newest first."""
    lines = sa.select(CreditEntry).where(CreditEntry.contact_id == known_contact(work, request.contact_id))
    if request.pack_id is not None:
        lines = lines.where(CreditEntry.pack_id == request.pack_id)
    return page_of(work, lines, [CreditEntry.id.desc()], request)

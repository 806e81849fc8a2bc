"""What is left, and how it came to that."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.pages import keys_for, narrowed, page_of
from contracts.errors import NotFound
from services.contacts.contact.queries import known_contact
from services.contacts.credits.model import CreditEntry, CreditPack


def list_credits(work: Any, request: Any) -> dict[str, Any]:
    """A page of a contact's packs, and how many credits can be used today."""
    contact_id = known_contact(work, request.contact_id)
    # A reversal that came before its payment is no pack yet.
    of_contact = (CreditPack.contact_id == contact_id, CreditPack.paid_position > 0)
    still = sa.or_(CreditPack.expires_on.is_(None), CreditPack.expires_on >= work.now.date())
    usable = work.session.scalar(sa.select(sa.func.sum(CreditPack.left)).where(*of_contact, still))
    packs = sa.select(CreditPack).where(*of_contact)
    if request.open is not None:
        is_open = sa.and_(CreditPack.left > 0, still)
        packs = packs.where(is_open if request.open else sa.not_(is_open))
    page = page_of(work, packs, keys_for(request.sort, oldest=[CreditPack.id]), request)
    return page | {"usable": usable or 0}


def get_credit_pack(work: Any, request: Any) -> CreditPack:
    """Answer one pack."""
    pack = work.session.get(CreditPack, request.pack_id)
    if pack is None or not pack.paid_position:
        raise NotFound("There is no such credit pack.")
    return pack


def list_credit_entries(work: Any, request: Any) -> dict[str, Any]:
    """A page of the ledger of a contact's packs."""
    lines = sa.select(CreditEntry).where(CreditEntry.contact_id == known_contact(work, request.contact_id))
    lines = narrowed(lines, request, CreditEntry.pack_id, CreditEntry.kind)
    return page_of(work, lines, keys_for(request.sort, oldest=[CreditEntry.id]), request)

"""What is left, and how it came to that."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.pages import keys_for, narrowed, page_of
from contracts.errors import NotFound
from services.contacts.contact.queries import known_contact
from services.contacts.credits.model import CREDIT_PACK, CreditEntry, CreditPack

_PAID = (CreditPack.paid_position > 0,)
"""A reversal that came before its payment is no pack yet."""


def list_credits(work: Any, request: Any) -> dict[str, Any]:
    """A page of a contact's packs, and how many credits can be used today."""
    contact_id = known_contact(work, request.contact_id)
    of_contact = (CreditPack.contact_id == contact_id, CreditPack.kind == CREDIT_PACK, *_PAID)
    usable = work.session.scalar(sa.select(sa.func.sum(CreditPack.left)).where(*of_contact, _still_good(work)))
    return packs_page(work, contact_id, CREDIT_PACK, request) | {"usable": usable or 0}


def packs_page(work: Any, contact_id: str, kind: str, request: Any) -> dict[str, Any]:
    """A page of a contact's packs of a kind, open or not."""
    packs = sa.select(CreditPack).where(CreditPack.contact_id == contact_id, CreditPack.kind == kind, *_PAID)
    if request.open is not None:
        is_open = sa.and_(CreditPack.left > 0, _still_good(work))
        packs = packs.where(is_open if request.open else sa.not_(is_open))
    return page_of(work, packs, keys_for(request.sort, oldest=[CreditPack.id]), request)


def _still_good(work: Any) -> sa.ColumnElement[bool]:
    return sa.or_(CreditPack.expires_on.is_(None), CreditPack.expires_on >= work.now.date())


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

"""Billing says which packs were paid for and which were reversed; here they become credits."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from contracts.billing.orders import package_paid
from contracts.contacts import credits as published
from services.contacts.contact.actions import hold_survivor
from services.contacts.credits.actions import enter
from services.contacts.credits.model import COURSE, CREDIT_PACK, CreditEntry, CreditPack


def weigh_credit_pack(work: Any, event: Any) -> None:
    """Grant the credits of a paid pack, or take away what is left of a reversed one.

    What billing said last counts, by its own order, in whatever order it arrives here. Credits that bookings hold
    stay with them: who comes to a session keeps the place.
    """
    if event.data.kind not in (CREDIT_PACK, COURSE, None):
        return
    contact = hold_survivor(work, event.subject)
    pack = work.session.get(CreditPack, event.data.assignment_id, populate_existing=True)
    if pack is None:
        if event.data.kind is None:
            return  # reversals did not say the kind before packs had credits
        pack = CreditPack(id=event.data.assignment_id, contact_id=contact.id, kind=event.data.kind,
                          name=event.data.name, credits=0, left=0, granted_at=event.time, paid_position=0,
                          reversed_position=0)  # fmt: skip
        work.session.add(pack)
        work.session.flush()
    if event.type == package_paid.type:
        _pay(pack, event)
    else:
        pack.reversed_position = max(pack.reversed_position, event.sequence)
    if pack.reversed:
        _take_away(work, pack, getattr(event.data, "reason", None))
    else:
        _grant(work, pack)


def _pay(pack: CreditPack, event: Any) -> None:
    if event.sequence > pack.paid_position:
        pack.paid_position = event.sequence
        pack.package_id = event.data.package_id
        pack.name, pack.credits = event.data.name, event.data.credits or 0
        pack.expires_on, pack.granted_at = event.data.expires_on, event.time


def _grant(work: Any, pack: CreditPack) -> None:
    """Bring what is left to what was bought less what bookings hold; also when paid anew after a reversal."""
    lines = sa.select(sa.func.sum(CreditEntry.credits)).where(CreditEntry.pack_id == pack.id)
    held = -(work.session.scalar(lines.where(CreditEntry.kind.in_(("used", "returned")))) or 0)
    missing = pack.credits - held - pack.left
    if missing > 0:
        enter(work, pack, "granted", missing)
        work.record(
            published.credits_granted, pack.contact_id, pack_id=pack.id, name=pack.name, credits=missing,
            left=pack.left, expires_on=pack.expires_on,
        )  # fmt: skip


def _take_away(work: Any, pack: CreditPack, reason: str | None) -> None:
    if pack.left:
        gone = pack.left
        enter(work, pack, "taken_away", -gone)
        work.record(
            published.credits_taken_away, pack.contact_id, pack_id=pack.id, name=pack.name, credits=gone, reason=reason
        )

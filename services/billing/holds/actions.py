"""Selling to a contact and archiving them exclude each other."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from chassis.work import Work
from contracts.errors import Blocked
from services.acquaintance import recall
from services.billing.holds.model import Hold


def keep_active(work: Work, contact_id: str) -> None:
    """Refuse whom is archived, or is just being; nobody else archives them until this transaction ends."""
    shared = select(Hold.id).where(Hold.contact_id == contact_id).with_for_update(read=True)
    hold = work.session.execute(shared).first()
    if hold is None:
        work.session.execute(insert(Hold).values(contact_id=contact_id).on_conflict_do_nothing())
        hold = work.session.execute(shared).one()
    # Read behind the lock: who ends a hold has written down what came of it.
    known = recall(work.session, [contact_id]).get(contact_id)
    if hold.id is not None or (known is not None and known.standing != "active"):
        raise Blocked("An archived contact buys nothing.", [{"pointer": "/contact_id", "detail": "Is archived."}])

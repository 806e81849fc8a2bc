"""Cycles that are given away: each waits for the next one of its contact to fall due, which is then not owed."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import DateTime, ForeignKey, Index, Text, Uuid, func, select
from sqlalchemy.orm import Mapped, mapped_column

from chassis.ids import new_id
from chassis.work import Work
from contracts.billing import subscriptions as told
from services.billing.base import Base, money
from services.billing.subscriptions.model import Renewal, Subscription
from services.billing.subscriptions.waiving import waive_all


class FreeCycle(Base):
    """A cycle that was given to a contact: it waits, is used for a renewal, or is taken back unused."""

    __tablename__ = "free_cycles"
    __table_args__ = (Index("free_cycles_of_contact", "contact_id", "id"),)

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    contact_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    reason: Mapped[str] = mapped_column(Text)
    given_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    used_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    renewal_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False), ForeignKey("renewals.id"))
    taken_back_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))


_WAITS = FreeCycle.used_at.is_(None) & FreeCycle.taken_back_at.is_(None)


def give_free_cycle(work: Work, contact_id: str, *, reason: str) -> str:
    """Let the next cycle of this contact cost nothing, whenever and of whichever subscription it falls due."""
    cycle = FreeCycle(id=new_id(), contact_id=contact_id, reason=reason, given_at=work.now)
    work.session.add(cycle)
    work.session.flush()  # what a reward points at
    return cycle.id


def take_free_cycle_back(work: Work, free_cycle_id: str) -> Renewal | None:
    """Give it no longer; where it is used already that stays, and the renewal tells what it came to."""
    held = select(FreeCycle).where(FreeCycle.id == free_cycle_id).with_for_update()
    cycle = work.session.scalars(held.execution_options(populate_existing=True)).one()
    cycle.taken_back_at = work.now
    return work.session.get_one(Renewal, cycle.renewal_id) if cycle.renewal_id else None


def hold_free_cycles(work: Work, contact_ids: Collection[str]) -> Sequence[FreeCycle]:
    """What these contacts have waiting, the oldest first, nobody else's to use or take back from here on.

    Whoever takes one back may hold an account then, for which others wait who draw numbers: hold them before you do.
    """
    theirs = select(FreeCycle).where(FreeCycle.contact_id.in_(sorted(contact_ids)), _WAITS)
    return work.session.scalars(theirs.order_by(FreeCycle.id).with_for_update()).all()


def use_free_cycles(work: Work, held: Sequence[FreeCycle], due: Sequence[tuple[Subscription, Renewal]]) -> None:
    """Use those that are not used yet for cycles that just fell due: each is waived, and its invoice says why."""
    waiting: dict[str, list[FreeCycle]] = defaultdict(list)
    for cycle in held:
        if cycle.used_at is None:
            waiting[cycle.contact_id].append(cycle)
    free, reasons = [], {}
    for subscription, renewal in due:
        if waiting[renewal.contact_id]:
            cycle = waiting[renewal.contact_id].pop(0)
            cycle.used_at, cycle.renewal_id = work.now, renewal.id
            free.append((subscription, renewal))
            reasons[renewal.id] = f"Free cycle: {cycle.reason}"[:500]
            _tell(work, cycle, renewal)
    if free:
        waive_all(work, free, reasons)


def count_waiting(work: Work, contact_id: str) -> int:
    """How many cycles of this contact will cost nothing."""
    waiting = select(func.count()).select_from(FreeCycle).where(FreeCycle.contact_id == contact_id, _WAITS)
    return work.session.scalar(waiting) or 0


def _tell(work: Work, cycle: FreeCycle, renewal: Renewal) -> None:
    same = ("subscription_id", "name", "starts_on", "until_on")
    work.record(
        told.free_cycle_used,
        renewal.contact_id,
        free_cycle_id=cycle.id,
        renewal_id=renewal.id,
        amount=money(renewal.amount, renewal.currency),
        reason=cycle.reason,
        **{name: getattr(renewal, name) for name in same},
    )

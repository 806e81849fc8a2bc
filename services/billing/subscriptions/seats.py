"""Who uses a subscription beside its owner, and hears what becomes of it; seats change under its lock alone."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import DateTime, ForeignKey, Index, String, Text, Uuid, select
from sqlalchemy.orm import Mapped, mapped_column

from chassis.work import Work
from contracts.billing import sharing as told
from services.billing.base import Base
from services.billing.subscriptions.model import Subscription
from services.billing.subscriptions.queries import standing

SEEN_BY_SHARERS = frozenset(("name", "state", "pricing_option", "expires_on"))
"""What of a subscription matters to whoever uses it; what it costs is the owner's."""


class Seat(Base):
    """A contact's use of somebody else's subscription, from one day to another."""

    __tablename__ = "seats"
    __table_args__ = (
        Index("seats_of_subscription", "subscription_id", "id"),
        Index("seats_of_contact", "contact_id", "id"),
    )

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    subscription_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("subscriptions.id"))
    contact_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    joined_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    added_by: Mapped[str] = mapped_column(String(200))
    left_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str | None] = mapped_column(Text)


Sharers = Mapping[str, Sequence[Seat]]
"""By subscription, the seats that are taken beside the owner's."""


def sharers_of(work: Work, subscriptions: Iterable[Subscription]) -> Sharers:
    """Who uses these beside their owners; nobody is looked for where no seat is taken."""
    shared = [subscription.id for subscription in subscriptions if subscription.seats_taken > 1]
    found: dict[str, list[Seat]] = defaultdict(list)
    if shared:
        taken = select(Seat).where(Seat.subscription_id.in_(shared), Seat.left_at.is_(None)).order_by(Seat.id)
        for seat in work.session.scalars(taken):
            found[seat.subscription_id].append(seat)
    return found


def tell_sharers(work: Work, subscription: Subscription, sharers: Sharers) -> None:
    """Tell everybody who uses it what it is now."""
    seats = sharers.get(subscription.id, ())
    work.record_many(told.shared_membership_changed, [(seat.contact_id, said(subscription, seat)) for seat in seats])


def vacate(work: Work, subscription: Subscription, seats: Sequence[Seat], *, reason: str, **how: Any) -> None:
    """Let those who have these seats use it no longer, and tell them so.

    `state` says how it ended for them, `reversed` that it is as if it never was.
    """
    over = {"state": "cancelled", "reversed": False} | how | {"reason": reason, "ended_at": work.now}
    for seat in seats:
        seat.left_at, seat.reason = work.now, reason
    subscription.seats_taken -= len(seats)
    left = [(seat.contact_id, said(subscription, seat) | over) for seat in seats]
    work.record_many(told.shared_membership_left, left)


def vacate_all(work: Work, subscription: Subscription, *, reason: str, **how: Any) -> None:
    """It is over, for everybody."""
    seats = sharers_of(work, [subscription]).get(subscription.id, ())
    vacate(work, subscription, seats, reason=reason, **how)


def seats_left(work: Work, assignment_ids: Collection[str]) -> list[tuple[Subscription, Seat]]:
    """Who used what began with these, and uses it no longer."""
    theirs = select(Subscription, Seat).join(Seat, Seat.subscription_id == Subscription.id).order_by(Seat.id)
    found = theirs.where(Subscription.assignment_id.in_(assignment_ids), Seat.left_at.is_not(None))
    return [(subscription, seat) for subscription, seat in work.session.execute(found)]


def tell_never_used(
    work: Work, left: Iterable[tuple[Subscription, Seat]], *, only: Container[str], reason: str
) -> None:
    """Tell those who had left that it is as if they never used it, of what began with `only` these assignments."""
    for subscription, seat in left:
        if subscription.assignment_id in only:
            over = {"state": "cancelled", "reversed": True, "reason": reason, "ended_at": seat.left_at}
            work.record(told.shared_membership_left, seat.contact_id, **said(subscription, seat) | over)


def said(subscription: Subscription, seat: Seat) -> dict[str, Any]:
    """What somebody uses, as it is told."""
    known = standing(subscription)
    return {
        "seat_id": seat.id,
        "subscription_id": subscription.id,
        "owner_id": subscription.contact_id,
        **{name: known[name] for name in sorted(SEEN_BY_SHARERS)},
    }

"""Subscriptions, the charges of their cycles, and the history of both; what may become of one is its own to decide."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, DateTime, ForeignKey, Index, Integer, String, Uuid, false, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from contracts.errors import Conflict, Invalid
from services.billing.base import Base
from services.billing.subscriptions.rules import Cycle

RUNNING = ("active", "paused", "past_due")


class Subscription(Base):
    """A membership that is charged cycle by cycle, on the terms that it was sold with.

    `cycles` so many since `anchored_on` are charged; `moved_days` is by how much pauses moved them since. One whose
    charge breaks is `left_alone_until` somebody may have mended what is wrong. Of its `seats` the owner takes one.
    """

    __tablename__ = "subscriptions"
    __table_args__ = (
        Index("subscriptions_of_contact", "contact_id", "id"),
        Index("subscriptions_by_state", "state", "id"),
        Index("subscriptions_of_package", "package_id", "id"),
        Index(
            "subscriptions_to_charge", "next_charge_on", "id",
            postgresql_where=text("state = 'active' AND open_renewal_id IS NULL"),
        ),
        Index("subscriptions_to_end", "ends_on", postgresql_where=text("state IN ('active', 'past_due')")),
        Index("subscriptions_to_resume", "resumes_on", postgresql_where=text("state = 'paused'")),
        Index("subscriptions_to_expire", "past_due_since", postgresql_where=text("state = 'past_due'")),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    contact_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    assignment_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("assignments.id"), unique=True)
    package_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    package_version: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(120))
    currency: Mapped[str] = mapped_column(String(3))
    price: Mapped[int] = mapped_column(BigInteger)
    cycle_unit: Mapped[str] = mapped_column(String(10))
    cycle_count: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(20))
    started_on: Mapped[dt.date] = mapped_column(Date)
    anchored_on: Mapped[dt.date] = mapped_column(Date)
    cycles: Mapped[int] = mapped_column(Integer)
    moved_days: Mapped[int] = mapped_column(Integer)
    expires_on: Mapped[dt.date | None] = mapped_column(Date)
    next_charge_on: Mapped[dt.date | None] = mapped_column(Date)
    committed_until: Mapped[dt.date | None] = mapped_column(Date)
    ends_on: Mapped[dt.date | None] = mapped_column(Date)
    paused_on: Mapped[dt.date | None] = mapped_column(Date)
    resumes_on: Mapped[dt.date | None] = mapped_column(Date)
    past_due_since: Mapped[dt.date | None] = mapped_column(Date)
    open_renewal_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    left_alone_until: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    renewals: Mapped[int] = mapped_column(Integer)
    planned: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    seats: Mapped[int] = mapped_column(Integer, server_default="1")
    seats_taken: Mapped[int] = mapped_column(Integer, server_default="1")
    version: Mapped[int] = mapped_column(Integer)

    @property
    def cycle(self) -> Cycle:
        """How often it is charged."""
        return Cycle(self.cycle_unit, self.cycle_count)

    def must_run(self) -> None:
        """Refuse what is only for one that is not over."""
        if self.state not in RUNNING:
            raise Conflict.field("/subscription_id", f"The subscription is {self.state} already.")

    def must_be(self, state: str, what: str) -> None:
        """Refuse what is only for one in this state."""
        if self.state != state:
            raise Conflict.field("/subscription_id", f"Only a subscription that is {state} {what}; it is {self.state}.")

    def must_owe_nothing(self, what: str) -> None:
        """Refuse what has to wait until the open charge is paid or waived."""
        if self.open_renewal_id is not None:
            raise Conflict.field(
                "/subscription_id", f"Its last charge is open; have it paid or waived before it {what}."
            )

    def begin_cycles(self, first: dt.date, *, charged: int) -> None:
        """Count cycles anew from this day on, of which so many are charged already."""
        self.anchored_on, self.cycles, self.moved_days = first, charged, 0
        self.next_charge_on = self.cycle.start(first, charged) if self.price else None

    def charge_next_on(self, day: dt.date, *, anchors: Collection[dt.date]) -> None:
        """Let the next cycle begin on this day, counted from the first of its own anchor and these that leads there."""
        if not self.moved_days:
            anchors = (*anchors, self.anchored_on)
        numbers = {anchor: self.cycle.number_on(anchor, day) for anchor in sorted(anchors)}
        leading = [anchor for anchor, number in numbers.items() if self.cycle.start(anchor, number) == day]
        first = leading[0] if leading else day
        self.begin_cycles(first, charged=numbers.get(first, 0))

    def end_of_cycle(self, day: dt.date) -> dt.date:
        """The last day of the cycle that a day belongs to."""
        moved = dt.timedelta(days=self.moved_days)
        number = self.cycle.number_on(self.anchored_on, day - moved)
        return (self.cycle.last_day(self.anchored_on, number) or day - moved) + moved

    def end(self, state: str, on: dt.date) -> None:
        """It is over, and charged no more."""
        self.state, self.ends_on = state, on
        self.next_charge_on = self.resumes_on = self.paused_on = self.planned = self.open_renewal_id = None


class Renewal(Base):
    """What one cycle is charged: owed from the day on which it is due, and paid whole.

    `forgone`: nobody wants it any more, and only a payment that is under way holds it open. `carried` over from the
    terms before is part of the price of the first cycle on others; null: it is on the terms that the subscription has.
    """

    __tablename__ = "renewals"
    __table_args__ = (
        Index("renewals_of_contact", "contact_id", "id"),
        Index("renewals_of_subscription", "subscription_id", "number", unique=True),
        Index("renewals_listed", "subscription_id", "id"),
        Index("renewals_by_state", "state", "id"),
        Index(
            "renewals_to_charge", "next_try_on", "id",
            postgresql_where=text("state = 'open' AND under_way = 0 AND next_try_on IS NOT NULL"),
        ),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    subscription_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("subscriptions.id"))
    contact_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    number: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(20))
    starts_on: Mapped[dt.date] = mapped_column(Date)
    until_on: Mapped[dt.date] = mapped_column(Date)
    due_on: Mapped[dt.date] = mapped_column(Date)
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[int] = mapped_column(BigInteger)
    refunded: Mapped[int] = mapped_column(BigInteger)
    under_way: Mapped[int] = mapped_column(BigInteger)
    failures: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str | None] = mapped_column(String(500))
    next_try_on: Mapped[dt.date | None] = mapped_column(Date)
    forgone: Mapped[bool] = mapped_column(Boolean, server_default=false())
    carried: Mapped[int | None] = mapped_column(BigInteger)
    commits_until: Mapped[dt.date | None] = mapped_column(Date)
    settled_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer)

    @property
    def changes(self) -> bool:
        """Whether the subscription is put on other terms by paying it."""
        return self.carried is not None

    @property
    def due(self) -> int:
        """What the contact still owes for this cycle."""
        return self.amount if self.state == "open" else 0

    def reserve(self, asked: dict[str, Any] | None) -> int:
        """Set aside all that is due; a cycle is paid whole, and by one payment."""
        self.must_be_open()
        if asked is not None and {**asked} != {"amount": self.amount, "currency": self.currency}:
            raise Invalid.field("/amount", f"A cycle is paid whole: {self.amount} {self.currency}.")
        self.under_way = self.amount
        self.version += 1
        return self.amount

    def must_be_open(self) -> None:
        """Refuse what is only for a charge that nobody paid, nor is about to."""
        if self.state != "open":
            raise Conflict.field("/renewal_id", f"The renewal is {self.state} already.")
        if self.under_way:
            raise Conflict.field("/renewal_id", "A payment of the renewal is under way already.")

    def release(self, amount: int) -> None:
        """The payment did not come: it is due as before."""
        self.under_way -= amount
        self.version += 1

    def settle(self, state: str, at: dt.datetime) -> None:
        """Nothing is due any more."""
        self.state, self.settled_at, self.under_way, self.next_try_on = state, at, 0, None
        self.version += 1

    def give_back(self, amount: int) -> int:
        """Money went back: it is no longer sold, and the days stay."""
        self.refunded += amount
        self.version += 1
        if self.refunded == self.amount:
            self.state = "refunded"
        return amount


class PaidDays(Base):
    """So many days that were paid for together: by the line of an invoice that is `sold_as` this (an order's item, a
    renewal), and by what was `carried` over from other terms.

    Of an order it says by which assignment they are had, and, where it bought ahead, how the subscription stood before.
    """

    __tablename__ = "paid_days"
    __table_args__ = (
        Index("paid_days_of_subscription", "subscription_id", "id"),
        Index("paid_days_of_contact", "contact_id"),
        Index("paid_days_of_sale", "sold_as"),
    )

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    subscription_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("subscriptions.id"))
    contact_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    days: Mapped[int] = mapped_column(Integer)
    sold_as: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    assignment_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    carried: Mapped[int] = mapped_column(BigInteger)
    anchored_before: Mapped[dt.date | None] = mapped_column(Date)
    ending_before: Mapped[dt.date | None] = mapped_column(Date)


class SubscriptionChange(Base):
    """A line of a subscription's history."""

    __tablename__ = "subscription_changes"
    __table_args__ = (
        Index("subscription_changes_of_subscription", "subscription_id", "id"),
        Index("subscription_changes_of_contact", "contact_id"),
    )

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    subscription_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("subscriptions.id"))
    contact_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    what: Mapped[str] = mapped_column(String(60))
    changes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reason: Mapped[str | None] = mapped_column(String(500))
    by: Mapped[str] = mapped_column(String(200))
    at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))

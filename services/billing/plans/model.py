"""Payment plans, their instalments and their history; what may become of one is its own to decide."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, DateTime, ForeignKey, Index, Integer, String, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contracts.errors import Conflict
from services.billing.base import Base
from services.billing.subscriptions.rules import A_DAY, RETRY_DAYS

OPEN = ("planned", "due")
RUNNING = ("active", "past_due")


class PaymentPlan(Base):
    """How one order is paid; whoever changes it, or its instalments, holds the order.

    `next_charge_on` is the day on which its first open instalment is charged by itself; null: it is not. On the day of
    its last payment, also of one that was tried in vain, nothing more is.
    """

    __tablename__ = "payment_plans"
    __table_args__ = (
        Index("payment_plans_of_contact", "contact_id", "id"),
        Index("payment_plans_by_state", "state", "id"),
        Index("payment_plans_to_charge", "next_charge_on", "id", postgresql_where=text("next_charge_on IS NOT NULL")),
    )

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    contact_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    order_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("orders.id"), unique=True)
    order_number: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20))
    automatic: Mapped[bool] = mapped_column(Boolean)
    interval_unit: Mapped[str] = mapped_column(String(10))
    interval_count: Mapped[int] = mapped_column(Integer)
    currency: Mapped[str] = mapped_column(String(3))
    total: Mapped[int] = mapped_column(BigInteger)
    next_charge_on: Mapped[dt.date | None] = mapped_column(Date)
    last_payment_on: Mapped[dt.date | None] = mapped_column(Date)
    past_due_since: Mapped[dt.date | None] = mapped_column(Date)
    begun_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    made_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer)

    instalments: Mapped[list[Instalment]] = relationship(lazy="selectin", order_by=lambda: Instalment.number)

    @property
    def paid(self) -> int:
        """What is covered of it."""
        return sum(instalment.paid for instalment in self.instalments)

    @property
    def left(self) -> int:
        """What is still to come."""
        return sum(instalment.left for instalment in self.instalments)

    @property
    def first_open(self) -> Instalment | None:
        """The instalment that is paid next."""
        return next((each for each in self.instalments if each.state in OPEN), None)

    def late(self, today: dt.date) -> list[Instalment]:
        """What has used up its tries, or is as late while nobody tries it."""
        open_ = [each for each in self.instalments if each.state in OPEN]
        behind = dt.date.min if self.automatic else today - RETRY_DAYS[-1] * A_DAY
        return [each for each in open_ if each.failures > len(RETRY_DAYS) or each.due_on <= behind]

    def must_run(self) -> None:
        """Refuse what is only for one that is not over."""
        if self.state not in RUNNING:
            raise Conflict(f"The payment plan is {self.state.replace('_', ' ')} already.")


class Instalment(Base):
    """The part of that `number`, of so many `instalments`, of what an order comes to.

    It is tried again after so many `failures`, on a day that its plan keeps.
    """

    __tablename__ = "instalments"
    __table_args__ = (
        Index("instalments_of_plan", "payment_plan_id", "due_on", "id"),
        Index("instalments_of_contact", "contact_id", "due_on", "id"),
        Index("instalments_by_state", "state", "due_on", "id"),
        Index("instalments_by_day", "due_on", "id"),
        Index("instalments_to_fall_due", "due_on", "id", postgresql_where=text("state = 'planned'")),
    )

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    payment_plan_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("payment_plans.id"))
    order_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    order_number: Mapped[int] = mapped_column(BigInteger)
    contact_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    number: Mapped[int] = mapped_column(Integer)
    instalments: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(20))
    due_on: Mapped[dt.date] = mapped_column(Date)
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[int] = mapped_column(BigInteger)
    paid: Mapped[int] = mapped_column(BigInteger)
    failures: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str | None] = mapped_column(String(500))
    settled_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))

    @property
    def left(self) -> int:
        """What is still to be paid of it; of what is over, nothing."""
        return self.amount - self.paid if self.state in OPEN else 0

    def settle(self, state: str, at: dt.datetime) -> None:
        """Nothing of it is to come any more."""
        self.state, self.settled_at = state, at

    def reopen(self, today: dt.date) -> None:
        """Its payment was given back: it is to come as if it had not been tried."""
        self.state = "due" if self.due_on <= today else "planned"
        self.settled_at, self.failures, self.reason = None, 0, None


class PlanChange(Base):
    """A line of a plan's history: of the whole, or of the instalment of this number."""

    __tablename__ = "payment_plan_changes"
    __table_args__ = (
        Index("payment_plan_changes_of_plan", "payment_plan_id", "id"),
        Index("payment_plan_changes_of_contact", "contact_id"),
    )

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    payment_plan_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("payment_plans.id"))
    contact_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    instalment: Mapped[int | None] = mapped_column(Integer)
    what: Mapped[str] = mapped_column(String(60))
    changes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reason: Mapped[str | None] = mapped_column(String(500))
    by: Mapped[str] = mapped_column(String(200))
    at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))

"""The rule, and what was earned by it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Boolean, DateTime, ForeignKey, Index, Integer, String, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from contracts.billing.rewards import CREDIT, FREE_CYCLE
from services.billing.base import Base


class RewardRule(Base):
    """The one row of what a referral earns: a free cycle, or credit, and without an amount nothing."""

    __tablename__ = "reward_rule"

    one: Mapped[bool] = mapped_column(Boolean, primary_key=True, default=True)
    kind: Mapped[str] = mapped_column(String(20), server_default=CREDIT)
    amount: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    version: Mapped[int] = mapped_column(Integer)

    @property
    def gives(self) -> bool:
        """Whether anything is earned by it."""
        return self.kind == FREE_CYCLE or self.amount is not None


class Reward(Base):
    """One referral's: `told_at` is the place in contacts' log of the newest that was heard of it.

    `state` is null where the referral earned nothing, because no rule held, or its reversal was heard first. The free
    cycle is the one that was given last.
    """

    __tablename__ = "rewards"
    __table_args__ = (
        Index("rewards_of_contact", "contact_id", "id"),
        Index("rewards_by_state", "state", "id", postgresql_where=text("state IS NOT NULL")),
    )

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    referral_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), unique=True)
    contact_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    referred_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), index=True)
    referred_name: Mapped[str] = mapped_column(Text)
    state: Mapped[str | None] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20), server_default=CREDIT)
    amount: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    free_cycle_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False), ForeignKey("free_cycles.id"))
    earned_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    taken_back_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str | None] = mapped_column(Text)
    told_at: Mapped[int] = mapped_column(BigInteger)

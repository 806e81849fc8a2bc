"""The rule, and what was earned by it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Boolean, DateTime, Index, Integer, String, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from services.billing.base import Base


class RewardRule(Base):
    """The one row of what a referral earns; without an amount, nothing."""

    __tablename__ = "reward_rule"

    one: Mapped[bool] = mapped_column(Boolean, primary_key=True, default=True)
    amount: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    version: Mapped[int] = mapped_column(Integer)


class Reward(Base):
    """One referral's: `told_at` is the place in contacts' log of the newest that was heard of it.

    `state` is null where the referral earned nothing, because no rule held, or its reversal was heard first.
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
    amount: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    earned_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    taken_back_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str | None] = mapped_column(Text)
    told_at: Mapped[int] = mapped_column(BigInteger)

"""Codes, buddy passes, and who came through whom."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Base, Key, Moment


class ReferralCode(Base):
    """The one code of a contact."""

    __tablename__ = "referral_codes"

    contact_id: Mapped[Key] = mapped_column(sa.ForeignKey("contacts.id"), primary_key=True)
    code: Mapped[str] = mapped_column(sa.Text, unique=True)
    made_at: Mapped[Moment]
    made_by: Mapped[str | None] = mapped_column(sa.Text)


class BuddyPass(Base):
    """An invitation of a host for so many guests until a day."""

    __tablename__ = "buddy_passes"
    __table_args__ = (sa.Index("buddy_passes_of_contact", "contact_id", "id"),)

    id: Mapped[Key] = mapped_column(primary_key=True)
    contact_id: Mapped[Key] = mapped_column(sa.ForeignKey("contacts.id"))
    code: Mapped[str] = mapped_column(sa.Text, unique=True)
    valid_until: Mapped[Moment]
    uses_allowed: Mapped[int]
    uses: Mapped[int]
    withdrawn_at: Mapped[Moment | None]
    version: Mapped[int] = mapped_column(sa.BigInteger)
    made_at: Mapped[Moment]
    made_by: Mapped[str | None] = mapped_column(sa.Text)


class Referral(Base):
    """`contact_id` brought `referred_id` along; nobody is brought along twice.

    `state` is the lifecycle of the referred as of version `state_version` of their record; the reward is what billing
    told of it last, at the place `reward_told_at` of its log.
    """

    __tablename__ = "referrals"
    __table_args__ = (
        sa.Index("referrals_of_contact", "contact_id", "id"),
        sa.Index("referrals_of_pass", "buddy_pass_id", "id", postgresql_where=sa.text("buddy_pass_id IS NOT NULL")),
    )

    id: Mapped[Key] = mapped_column(primary_key=True)
    contact_id: Mapped[Key] = mapped_column(sa.ForeignKey("contacts.id"))
    referred_id: Mapped[Key] = mapped_column(sa.ForeignKey("contacts.id"), unique=True)
    via: Mapped[str] = mapped_column(sa.Text)
    buddy_pass_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("buddy_passes.id"))
    state: Mapped[str] = mapped_column(sa.Text)
    state_version: Mapped[int] = mapped_column(sa.BigInteger)
    referred_at: Mapped[Moment]
    converted_at: Mapped[Moment | None]
    reward_state: Mapped[str | None] = mapped_column(sa.Text)
    reward_amount: Mapped[int | None] = mapped_column(sa.BigInteger)
    reward_currency: Mapped[str | None] = mapped_column(sa.Text)
    reward_told_at: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")

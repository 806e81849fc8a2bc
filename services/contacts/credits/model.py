"""Packs, and the ledger whose sum is what is left of each."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Base, Key, Moment


class CreditPack(Base):
    """A paid credit pack. It changes under the lock of its contact alone.

    As with the grounds of a lifecycle, the later of the two positions in billing's log tells whether it holds.
    """

    __tablename__ = "credit_packs"
    __table_args__ = (sa.Index("credit_packs_of_contact", "contact_id", "id"),)

    id: Mapped[Key] = mapped_column(primary_key=True)
    contact_id: Mapped[Key] = mapped_column(sa.ForeignKey("contacts.id"))
    name: Mapped[str] = mapped_column(sa.Text)
    credits: Mapped[int] = mapped_column(default=0)
    left: Mapped[int] = mapped_column(default=0)
    expires_on: Mapped[dt.date | None]
    granted_at: Mapped[Moment]
    paid_position: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    reversed_position: Mapped[int] = mapped_column(sa.BigInteger, default=0)

    @property
    def reversed(self) -> bool:
        return self.paid_position <= self.reversed_position

    def is_good_for(self, day: dt.date) -> bool:
        """Whether one of its credits can be used for that day."""
        return self.left > 0 and (self.expires_on is None or day <= self.expires_on)


class CreditEntry(Base):
    """A line of the ledger; it never changes."""

    __tablename__ = "credit_entries"
    __table_args__ = (
        sa.Index("credit_entries_of_contact", "contact_id", "id"),
        sa.Index("credit_entries_of_pack", "pack_id", "id"),
    )

    id: Mapped[Key] = mapped_column(primary_key=True)
    pack_id: Mapped[Key] = mapped_column(sa.ForeignKey("credit_packs.id"))
    contact_id: Mapped[Key] = mapped_column(sa.ForeignKey("contacts.id"))
    kind: Mapped[str] = mapped_column(sa.Text)
    credits: Mapped[int]
    left: Mapped[int]
    booking_id: Mapped[Key | None]
    at: Mapped[Moment]

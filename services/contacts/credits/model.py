"""Packs, and the ledger whose sum is what is left of each."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Base, Key, Moment


class Wanted(NamedTuple):
    """What a credit is wanted for: the day, where it takes place, and whether it is a course's and which one's."""

    day: dt.date
    of_a_course: bool = False
    course_id: str | None = None


CREDIT_PACK, COURSE = "credit_pack", "course"


class CreditPack(Base):
    """A paid credit pack, or a course with the sessions of it. It changes under the lock of its contact alone.

    As with the grounds of a lifecycle, the later of the two positions in billing's log tells whether it holds.
    """

    __tablename__ = "credit_packs"
    __table_args__ = (sa.Index("credit_packs_of_contact", "contact_id", "id"),)

    id: Mapped[Key] = mapped_column(primary_key=True)
    contact_id: Mapped[Key] = mapped_column(sa.ForeignKey("contacts.id"))
    kind: Mapped[str] = mapped_column(sa.Text, default=CREDIT_PACK)
    package_id: Mapped[Key | None]
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

    def covers(self, wanted: Wanted) -> bool:
        """Whether one of its credits may be held for that; a course's are for its own sessions."""
        if self.kind == COURSE and not (wanted.of_a_course and wanted.course_id in (None, self.package_id)):
            return False
        return self.expires_on is None or wanted.day <= self.expires_on


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

"""Credit accounts and their movements."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, DateTime, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from contracts.errors import Invalid
from services.billing.base import Base


class CreditAccount(Base):
    """What a contact has in one currency: the sum of its entries, and of the books'. Its row is locked to move it."""

    __tablename__ = "credit_accounts"

    contact_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    balance: Mapped[int] = mapped_column(BigInteger)

    def must_have(self, amount: int) -> None:
        """Refuse to take more than there is."""
        if amount > self.balance:
            there = f"No more than {max(self.balance, 0)} of credit in {self.currency} is there."
            raise Invalid.field("/amount/amount", there)


class CreditEntry(Base):
    """One movement, never changed."""

    __tablename__ = "credit_entries"
    __table_args__ = (Index("credit_entries_of_contact", "contact_id", "id"),)

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    contact_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    kind: Mapped[str] = mapped_column(String(20))
    amount: Mapped[int] = mapped_column(BigInteger)
    balance: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    reason: Mapped[str | None] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(200))
    entered_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))

"""The entries of the books."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, DateTime, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from services.billing.base import Base


class LedgerEntry(Base):
    """One side of a transaction: a debit above zero, a credit below.

    The database itself refuses a transaction that does not sum to zero, a second posting of the same `cause`, and any
    later change of amount or account (see the migration).
    """

    __tablename__ = "ledger_entries"
    __table_args__ = (
        Index("ledger_entries_of_contact", "contact_id", "account", "currency"),
        Index("ledger_entries_once", "cause_id", "account", unique=True),
    )

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    transaction_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), index=True)
    contact_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    account: Mapped[str] = mapped_column(String(40))
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    cause: Mapped[str] = mapped_column(String(40))
    cause_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    posted_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))

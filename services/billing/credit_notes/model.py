"""Credit notes and their lines."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, Integer, String, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.billing.base import Base
from services.billing.taxes.rules import Split


class CreditNote(Base):
    """What of an invoice was taken back at one time; never changed."""

    __tablename__ = "credit_notes"
    __table_args__ = (
        Index("credit_notes_of_contact", "contact_id", "number"),
        Index("credit_notes_of_invoice", "invoice_id", "number"),
    )

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, unique=True)
    invoice_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("invoices.id"))
    invoice_number: Mapped[int] = mapped_column(BigInteger)
    contact_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    currency: Mapped[str] = mapped_column(String(3))
    net: Mapped[int] = mapped_column(BigInteger)
    tax: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str | None] = mapped_column(String(500))
    issued_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    issued_by: Mapped[str] = mapped_column(String(200))
    billed_to: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    file_key: Mapped[str | None] = mapped_column(String(80))

    lines: Mapped[list[CreditNoteLine]] = relationship(lazy="selectin", order_by=lambda: CreditNoteLine.position)


class CreditNoteLine(Base):
    """What of a line of the invoice was taken back."""

    __tablename__ = "credit_note_lines"
    __table_args__ = (Index("credit_note_lines_of_note", "credit_note_id", "position", unique=True),)

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    credit_note_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("credit_notes.id"))
    invoice_line_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("invoice_lines.id"))
    contact_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), index=True)
    position: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(200))
    net: Mapped[int] = mapped_column(BigInteger)
    tax: Mapped[int] = mapped_column(BigInteger)

    @property
    def parts(self) -> Split:
        return Split(self.net, self.tax)

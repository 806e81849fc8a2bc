"""Invoices and their lines; what may become of one is its own to decide."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, DateTime, ForeignKey, Index, Integer, String, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contracts.errors import Conflict
from services.billing.base import Base
from services.billing.invoices.rules import credited_part
from services.billing.taxes.rules import Split


class Invoice(Base):
    """What a contact was asked to pay, and how far it is. All amounts are of one currency."""

    __tablename__ = "invoices"
    __table_args__ = (
        Index("invoices_of_contact", "contact_id", "number"),
        Index("invoices_by_state", "state", "number"),
        Index("invoices_by_total", "total", "id"),
        Index("invoices_by_day", "issued_at"),
        Index("invoices_open", "contact_id", postgresql_where=text("state = 'open'")),
    )

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, unique=True)
    contact_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    cause: Mapped[str] = mapped_column(String(20))
    cause_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), unique=True)
    state: Mapped[str] = mapped_column(String(20))
    currency: Mapped[str] = mapped_column(String(3))
    net: Mapped[int] = mapped_column(BigInteger)
    tax: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int] = mapped_column(BigInteger)
    paid: Mapped[int] = mapped_column(BigInteger)
    refunded: Mapped[int] = mapped_column(BigInteger)
    credited: Mapped[int] = mapped_column(BigInteger)
    written_off: Mapped[int] = mapped_column(BigInteger)
    due_on: Mapped[dt.date | None] = mapped_column(Date)
    reason: Mapped[str | None] = mapped_column(String(500))
    issued_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    issued_by: Mapped[str] = mapped_column(String(200))
    billed_to: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    file_key: Mapped[str | None] = mapped_column(String(80))
    closed_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer)

    lines: Mapped[list[InvoiceLine]] = relationship(lazy="selectin", order_by=lambda: InvoiceLine.position)

    @property
    def due(self) -> int:
        """What is still to be paid."""
        return self.total - self.credited - self.written_off - (self.paid - self.refunded)

    @property
    def parts(self) -> Split:
        return Split(self.net, self.tax)

    def receive(self, amount: int, at: dt.datetime) -> bool:
        """Money came; tell whether it is paid by it."""
        if self.state != "open":
            raise Conflict(f"Invoice {self.number} is {self.words}, and not paid any more.")
        if amount > self.due:
            raise Conflict(f"No more than {self.due} is due on invoice {self.number}.")
        self.paid += amount
        self.version += 1
        if self.due:
            return False
        self._close("paid", at, None)
        return True

    def give_back(self, amount: int) -> None:
        """Money went back; what is not credited of it is due again."""
        self.refunded += amount
        self.version += 1

    def credit(self, amount: int) -> None:
        """So much is no longer sold."""
        self.credited += amount
        self.version += 1

    def void(self, at: dt.datetime, reason: str | None) -> None:
        """It was never meant; whoever paid is given it back first."""
        self.must_be_open("voided")
        if self.paid != self.refunded:
            raise Conflict(f"Invoice {self.number} is paid in part: give that back first.")
        self.credited = self.total
        self.file_key = None  # its paper says so from now on
        self._close("void", at, reason)

    def write_off(self, at: dt.datetime, reason: str | None) -> int:
        """Nobody expects the rest any more; tell how much that is."""
        self.must_be_open("written off")
        amount = self.due
        self.written_off += amount
        self._close("written_off", at, reason)
        return amount

    @property
    def is_void(self) -> bool:
        """Whether it was never meant."""
        return self.state == "void"

    @property
    def words(self) -> str:
        """Its state as a sentence says it."""
        return self.state.replace("_", " ")

    def must_be_open(self, done: str) -> None:
        """Refuse what is only for an invoice that nothing was decided about."""
        if self.state != "open":
            raise Conflict(f"Invoice {self.number} is {self.words} already, and cannot be {done}.")

    def _close(self, state: str, at: dt.datetime, reason: str | None) -> None:
        self.state, self.closed_at, self.reason = state, at, reason
        self.version += 1


class InvoiceLine(Base):
    """A line as it was charged, with the tax of that day."""

    __tablename__ = "invoice_lines"
    __table_args__ = (
        Index("invoice_lines_of_invoice", "invoice_id", "position", unique=True),
        Index("invoice_lines_of_source", "source_id"),
    )

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    invoice_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("invoices.id"))
    contact_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), index=True)
    position: Mapped[int] = mapped_column(Integer)
    source_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    name: Mapped[str] = mapped_column(String(200))
    quantity: Mapped[int] = mapped_column(Integer)
    unit_price: Mapped[int] = mapped_column(BigInteger)
    fee: Mapped[int] = mapped_column(BigInteger)
    reduction: Mapped[int] = mapped_column(BigInteger, server_default="0")
    tax_rate_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    tax_name: Mapped[str | None] = mapped_column(String(60))
    tax_basis_points: Mapped[int | None] = mapped_column(Integer)
    tax_inclusive: Mapped[bool | None] = mapped_column(Boolean)
    net: Mapped[int] = mapped_column(BigInteger)
    tax: Mapped[int] = mapped_column(BigInteger)
    credited: Mapped[int] = mapped_column(BigInteger)

    @property
    def parts(self) -> Split:
        return Split(self.net, self.tax)

    @property
    def left(self) -> int:
        """What is not credited yet."""
        return self.parts.total - self.credited

    def credit(self, amount: int) -> Split:
        """Take so much of it back; tell what of that is net and what tax."""
        part = credited_part(self.parts, before=self.credited, amount=amount)
        self.credited += amount
        return part

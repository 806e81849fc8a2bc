"""Payments and refunds; what may become of one is its own to decide."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, Boolean, DateTime, ForeignKey, Index, Integer, String, Text, Uuid, false, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contracts.errors import Conflict, Invalid
from services.billing.base import Base

WITHDRAWN, LAPSED = "withdrawn", "lapsed"
"""Why a transfer that was announced is `failed`."""


class Payment(Base):
    """Money asked for, for an order or for a renewal, and what came of it; `recurring` when nobody asked for it."""

    __tablename__ = "payments"
    __table_args__ = (
        Index("payments_of_contact", "contact_id", "id"),
        Index("payments_of_order", "order_id", "id"),
        Index("payments_of_renewal", "renewal_id", "id"),
        Index("payments_by_state", "state", "id"),
        Index("payments_of_reference", "provider_reference"),
        Index("payments_to_ask_for_again", "ask_again_at", postgresql_where=text("state = 'charging'")),
        Index("payments_of_the_run", "ask_again_at", postgresql_where=text("state = 'charging' AND recurring")),
    )

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    order_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False), ForeignKey("orders.id"))
    order_number: Mapped[int | None] = mapped_column(BigInteger)
    renewal_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    instalment_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    recurring: Mapped[bool] = mapped_column(Boolean, server_default=false())
    contact_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    method: Mapped[str] = mapped_column(String(20))
    amount: Mapped[int] = mapped_column(BigInteger)
    refunded: Mapped[int] = mapped_column(BigInteger)
    refunding: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(500))
    provider: Mapped[str | None] = mapped_column(String(20))
    provider_reference: Mapped[str | None] = mapped_column(String(200))
    card_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    authenticate_until: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    ask_again_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    cause: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    asked_by: Mapped[str] = mapped_column(String(200))
    asked_by_id: Mapped[str | None] = mapped_column(Text)
    asked_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    asked_key: Mapped[str | None] = mapped_column(Text, unique=True)
    decided_by: Mapped[str | None] = mapped_column(String(200))
    decided_by_id: Mapped[str | None] = mapped_column(String(80))
    decided_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer)

    refunds: Mapped[list[Refund]] = relationship(lazy="selectin", order_by=lambda: Refund.id)

    def must_be_decidable(self) -> None:
        """Refuse to decide what nobody has to decide."""
        if self.method != "bank_transfer":
            raise Conflict("Only a bank transfer is approved or rejected.")
        if self.state == "failed" and self.reason == LAPSED:
            raise Conflict("Nobody decided about the transfer in time: take the payment anew.")
        if self.state == "failed":
            raise Conflict("The transfer was withdrawn by who announced it.")

    def must_await_the_cardholder(self) -> None:
        """Refuse what is only for a payment whose cardholder is asked by the bank."""
        if self.state != "charging" or self.authenticate_until is None:
            raise Conflict(f"The payment does not wait for a cardholder: it is {self.state}.")

    @property
    def left(self) -> int:
        """What is neither given back nor about to be."""
        return self.amount - self.refunded - self.refunding

    def set_aside(self, asked: dict[str, Any] | None) -> int:
        """Set aside what is to be given back, all that is left unless less was asked."""
        if self.state != "taken":
            raise Conflict(f"The payment is {self.state}; only money that was taken is given back.")
        left = self.left
        if left == 0:
            raise Conflict("All of this payment is given back already.")
        amount = left if asked is None else asked["amount"]
        if asked is not None and asked["currency"] != self.currency:
            raise Invalid.field("/amount/currency", f"The payment was in {self.currency}.")
        if amount > left:
            raise Invalid.field("/amount/amount", f"No more than {left} of this payment is left.")
        self.refunding += amount
        self.version += 1
        return amount


class Refund(Base):
    """Money given back of a payment."""

    __tablename__ = "refunds"
    __table_args__ = (
        Index("refunds_of_payment", "payment_id", "id"),
        Index("refunds_to_ask_for_again", "ask_again_at", postgresql_where=text("state = 'asking'")),
    )

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    payment_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("payments.id"))
    contact_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(500))
    ask_again_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    cause: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    asked_by: Mapped[str] = mapped_column(String(200))
    asked_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    asked_key: Mapped[str | None] = mapped_column(Text, unique=True)
    shares: Mapped[dict[str, int] | None] = mapped_column(JSONB(none_as_null=True))
    by_item: Mapped[bool] = mapped_column(Boolean)
    to_credit: Mapped[bool] = mapped_column(Boolean)
    credit_note_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))

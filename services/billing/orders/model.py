"""Orders and their items; what is due is the order's own to decide."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, ForeignKeyConstraint, Index, Integer, String, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contracts.billing.orders import DRAFT
from contracts.errors import Conflict, Invalid
from services.billing.base import Base


class Order(Base):
    """What a contact bought, and how far it is paid. All amounts are of one currency."""

    __tablename__ = "orders"
    __table_args__ = (
        Index("orders_of_contact", "contact_id", "id"),
        Index("orders_by_state", "state", "id"),
        Index("orders_placed_by_contact", "contact_id", "number"),
        Index("orders_placed_by_state", "state", "number"),
        Index(
            "orders_by_promo_code",
            text("(promo_code ->> 'promo_code_id')"),
            "number",
            postgresql_where=text("promo_code IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, unique=True, nullable=True)  # none of a draft alone
    contact_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    state: Mapped[str] = mapped_column(String(20))
    currency: Mapped[str] = mapped_column(String(3))
    total: Mapped[int] = mapped_column(BigInteger)
    paid: Mapped[int] = mapped_column(BigInteger)
    refunded: Mapped[int] = mapped_column(BigInteger)
    credited: Mapped[int] = mapped_column(BigInteger)
    written_off: Mapped[int] = mapped_column(BigInteger)
    under_way: Mapped[int] = mapped_column(BigInteger)
    discount: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    promo_code: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    placed_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), nullable=True)  # as the number
    placed_by: Mapped[str] = mapped_column(String(200), nullable=True)  # as the number
    placed_by_id: Mapped[str | None] = mapped_column(Text)
    draft: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    drafted_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    drafted_by: Mapped[str | None] = mapped_column(String(200))
    invoice_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    payment_plan_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    settled_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer)

    items: Mapped[list[OrderItem]] = relationship(lazy="selectin", order_by=lambda: OrderItem.position)

    @property
    def is_draft(self) -> bool:
        """Whether it is only being put together; `draft` then is what it asks for."""
        return self.state == DRAFT

    @property
    def due(self) -> int:
        """What the contact still owes for this order."""
        return self.total - self.credited - self.written_off - (self.paid - self.refunded)

    @property
    def reduction(self) -> int:
        """What discounts take off all items."""
        return sum(item.reduction for item in self.items)

    @property
    def kept(self) -> int:
        """What was paid and not given back."""
        return self.paid - self.refunded

    def reserve(self, asked: dict[str, Any] | None) -> int:
        """Set aside what is to be paid, all that is due unless less was asked; never more, however many ask at once."""
        if self.state in ("cancelled", "written_off"):
            raise Conflict(f"Order {self.number} is {self.words}: nothing due is left to pay.")
        if self.due == 0:
            raise Conflict(f"Order {self.number} has nothing due.")
        left = self.due - self.under_way
        if left <= 0:
            raise Conflict(f"A payment of all that is due on order {self.number} is under way already.")
        if asked is None:
            amount = left
        elif asked["currency"] != self.currency:
            raise Invalid.field("/amount/currency", f"The order is in {self.currency}.")
        elif asked["amount"] > left:
            raise Invalid.field("/amount/amount", f"No more than {left} is due and not under way.")
        else:
            amount = asked["amount"]
        self.under_way += amount
        self.version += 1
        return amount

    def release(self, amount: int) -> None:
        """The payment did not come: what was set aside for it is due as before."""
        self.under_way -= amount
        self.version += 1

    def receive(self, amount: int) -> bool:
        """The payment came; tell whether the order is settled by it."""
        self.under_way -= amount
        self.paid += amount
        self.version += 1
        return self.due == 0 and self.state == "open"

    def settle(self, at: dt.datetime) -> None:
        """Nothing is due any more."""
        self.state = "paid"
        self.settled_at = at

    def cancel(self) -> int:
        """Nobody wants it any more; tell how much is no longer owed. What was paid has to be given back first."""
        if self.state != "open" and not (self.state == "paid" and self.total == 0):
            instead = "" if self.state == "cancelled" else "; give its payments back instead"
            raise Conflict(f"Order {self.number} is {self.words} already{instead}.")
        self._must_await_no_payment()
        if self.paid != self.refunded:
            raise Conflict(f"Order {self.number} is paid in part: give that back first.")
        self.state = "cancelled"
        self.credited = self.total
        self.version += 1
        return self.total

    def write_off(self) -> int:
        """Nobody expects the rest any more; tell how much that is."""
        if self.state != "open":
            raise Conflict(f"Order {self.number} is {self.words} already.")
        self._must_await_no_payment()
        amount = self.due
        self.state = "written_off"
        self.written_off = amount
        self.version += 1
        return amount

    @property
    def words(self) -> str:
        """Its state as a sentence says it."""
        return self.state.replace("_", " ")

    def _must_await_no_payment(self) -> None:
        if self.under_way:
            raise Conflict(f"A payment of order {self.number} is under way: approve or reject it first.")

    def give_back(self, amount: int) -> int:
        """Money went back; tell how much of it is no longer sold.

        On a paid order, and on one whose rest was written off, a refund is a credit, and once all is credited a paid
        order counts as refunded. On an open one it undoes a payment: the amount is due again.
        """
        self.refunded += amount
        self.version += 1
        if self.state not in ("paid", "written_off"):
            return 0
        self.credited += amount
        if self.credited == self.total:
            self.state = "refunded"
        return amount


class OrderItem(Base):
    """A line of an order as it was sold."""

    __tablename__ = "order_items"
    __table_args__ = (
        ForeignKeyConstraint(
            ["package_id", "package_version"], ["package_versions.package_id", "package_versions.version"]
        ),
        Index("order_items_of_order", "order_id", "position", unique=True),
    )

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    order_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("orders.id"))
    contact_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    position: Mapped[int] = mapped_column(Integer)
    package_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    package_version: Mapped[int] = mapped_column(Integer)
    assignment_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("assignments.id"))
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    quantity: Mapped[int] = mapped_column(Integer)
    price: Mapped[int] = mapped_column(BigInteger)
    sign_up_fee: Mapped[int] = mapped_column(BigInteger)
    amount: Mapped[int] = mapped_column(BigInteger)
    discount: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    reduction: Mapped[int] = mapped_column(BigInteger, server_default="0")
    tax: Mapped[int] = mapped_column(BigInteger)
    added_tax: Mapped[int] = mapped_column(BigInteger)

    @property
    def total(self) -> int:
        """What is charged: the tax is in what is left of the amount already, or comes on top of it."""
        return self.amount - self.reduction + self.added_tax

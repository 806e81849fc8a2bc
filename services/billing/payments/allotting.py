"""Which items a refund takes back, and how much of each."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import select

from chassis.work import Work
from contracts.errors import Conflict, Invalid
from contracts.language import Request
from services.billing.assignments.model import Assignment
from services.billing.invoices.queries import locked_invoice
from services.billing.invoices.rules import spread
from services.billing.orders.model import Order
from services.billing.payments.model import Payment, Refund
from services.billing.payments.queries import Owed

Shares = dict[str, int]


def left_of_items(work: Work, owed: Owed, *, apart_from: str | None = None) -> Shares:
    """What of each item of an order that is held is neither taken back nor about to be."""
    if not isinstance(owed, Order) or owed.state not in ("paid", "written_off"):
        return {}
    left = stands_of_items(work, owed)
    asked = (
        select(Refund.shares)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Payment.order_id == owed.id, Refund.state == "asking", Refund.shares.is_not(None))
    )
    if apart_from is not None:
        asked = asked.where(Refund.id != apart_from)
    for shares in work.session.scalars(asked):
        for item_id, amount in (shares or {}).items():
            left[item_id] -= amount
    return left


def stands_of_items(work: Work, order: Order) -> Shares:
    """What of each item of an order that is held is not taken back, whatever is asked for just now."""
    invoice = locked_invoice(work, cause_id=order.id)
    return {} if invoice is None else {line.source_id or line.id: line.left for line in invoice.lines}


def shares_named(work: Work, owed: Owed, request: Request) -> Shares | None:
    """The shares that a request names item by item, each refused where it is wrong; None: it names none.

    What cost nothing and is not taken back yet has a share of 0.
    """
    if request.get("items") is None:
        return None
    if request.amount is not None:
        raise Invalid.field("/amount", "Name either an amount or items.")
    if not isinstance(owed, Order):
        raise Conflict("A renewal has no items: name an amount.")
    if owed.state not in ("paid", "written_off"):
        raise Conflict(f"Order {owed.number} is {owed.words}: its items are given back once it is paid.")
    left = {item.id: 0 for item in owed.items} | left_of_items(work, owed)  # what cost nothing has no invoice
    free = _free_items(work, owed)
    twice = Counter(item.item_id for item in request["items"])
    shares: Shares = {}
    for place, item in enumerate(request["items"]):
        if item.item_id not in left:
            raise Invalid.field(f"/items/{place}/item_id", "Is not an item of this order.")
        if twice[item.item_id] > 1:
            raise Invalid.field(f"/items/{place}/item_id", "Is named more than once.")
        if item.item_id in free and item.amount is None:
            shares[item.item_id] = 0
        else:
            shares[item.item_id] = _share(item.amount, left[item.item_id], owed.currency, f"/items/{place}/amount")
    return shares


def _free_items(work: Work, order: Order) -> set[str]:
    """The items that cost nothing and that the contact has, or had until they ended."""
    items = {item.assignment_id: item.id for item in order.items if item.total == 0}
    had = select(Assignment.id).where(Assignment.id.in_(items), Assignment.state.in_(("active", "ended")))
    return {items[assignment_id] for assignment_id in work.session.scalars(had)} if items else set()


def shares_of(work: Work, owed: Owed, amount: int, *, apart_from: str | None = None) -> Shares | None:
    """An amount spread over all items alike; None on an order whose refunds take nothing back."""
    left = left_of_items(work, owed, apart_from=apart_from)
    if not left:
        return None
    portions = spread(amount, list(left.values()))
    return {item_id: portion for item_id, portion in zip(left, portions, strict=True) if portion}


def take_from(shares: Shares | None, amount: int) -> Shares | None:
    """Take shares of this amount together out of these, from the first item on."""
    if shares is None:
        return None
    taken: Shares = {}
    for item_id in list(shares):
        part = min(shares[item_id], amount)
        amount -= part
        shares[item_id] -= part
        if part:
            taken[item_id] = part
    return taken


def _share(asked: dict[str, Any] | None, left: int, currency: str, pointer: str) -> int:
    if left == 0:
        raise Invalid.field(pointer.removesuffix("/amount") + "/item_id", "All of this item is given back already.")
    if asked is None:
        return left
    if asked["currency"] != currency:
        raise Invalid.field(f"{pointer}/currency", f"The order is in {currency}.")
    if asked["amount"] > left:
        raise Invalid.field(f"{pointer}/amount", f"No more than {left} of this item is left.")
    return int(asked["amount"])

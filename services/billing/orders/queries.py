"""What was ordered."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.pages import keys_for, narrowed, page_of
from chassis.work import Work
from contracts.billing.orders import DRAFT
from contracts.errors import Conflict, NotFound
from contracts.language import Request
from services.billing.base import money
from services.billing.orders.discounts import Kept
from services.billing.orders.model import Order, OrderItem
from services.billing.subscriptions.model import Subscription

_ITEM_FIELDS = ("id", "package_id", "package_version", "assignment_id", "name", "kind", "quantity")
_FIELDS = (
    "id", "number", "contact_id", "state", "placed_at", "placed_by", "placed_by_id", "drafted_at", "drafted_by",
    "draft", "settled_at", "invoice_id", "payment_plan_id", "version",
)  # fmt: skip
_AMOUNTS = ("total", "paid", "refunded", "credited", "written_off", "under_way", "due", "reduction")
_ITEM_AMOUNTS = ("price", "sign_up_fee", "amount", "reduction", "tax", "total")


PLACED = Order.number.is_not(None)
"""Which orders are no drafts, as an index has it."""


def list_orders(work: Work, request: Request) -> dict[str, Any]:
    """Orders, the one that was placed last first; drafts by themselves, the newest first."""
    orders = narrowed(select(Order), request, Order.contact_id, Order.state)
    if request.promo_code_id is not None:
        orders = orders.where(Order.promo_code["promo_code_id"].astext == request.promo_code_id)
    if request.state == DRAFT and sees_drafts(work):
        page = page_of(work, orders, keys_for(request.sort, oldest=[Order.id]), request)
    else:
        page = page_of(work, orders.where(PLACED), keys_for(request.sort, oldest=[Order.number]), request)
    return page | {"items": [shown(order) for order in page["items"]]}


def sees_drafts(work: Work) -> bool:
    """Whether there are drafts for who asks: for the team, and not for those for whom they are made."""
    return work.actor.may("billing.read")


def newest_orders(work: Work, contact_id: str, many: int) -> list[dict[str, Any]]:
    """What a contact ordered last."""
    theirs = select(Order).where(Order.contact_id == contact_id, PLACED).order_by(Order.number.desc())
    return [shown(order) for order in work.session.scalars(theirs.limit(many))]


def order_of(session: Session, order_id: str) -> Order:
    """The order, draft or not, as it is to look at."""
    order = session.get(Order, order_id)
    if order is None:
        raise NotFound("There is no such order.")
    return order


def locked_order(work: Work, order_id: str) -> Order:
    """The order, nobody else's to change until this transaction ends; of a draft nothing is owed, paid or cancelled."""
    order = held_order(work, order_id)
    if order.is_draft and not sees_drafts(work):
        raise NotFound("There is no such order.")
    if order.is_draft:
        raise Conflict("This order is a draft: place it first, or delete it.")
    return order


def held_order(work: Work, order_id: str) -> Order:
    """The order, draft or not, nobody else's to change until this transaction ends."""
    order = work.session.scalar(
        select(Order).where(Order.id == order_id).with_for_update().execution_options(populate_existing=True)
    )
    if order is None:
        raise NotFound("There is no such order.")
    return order


def hold_subscriptions(work: Work, contact_id: str) -> None:
    """Hold all of a contact's, for what comes of an order in this transaction, before it draws its first number."""
    theirs = select(Subscription.id).where(Subscription.contact_id == contact_id).order_by(Subscription.id)
    work.session.execute(theirs.with_for_update())


def shown(order: Order) -> dict[str, Any]:
    """An order as the contract says it; what a draft comes to is to be seen at the draft itself."""
    unknown = {"total": None, "reduction": None} if order.is_draft else {}
    return (
        {field: getattr(order, field) for field in _FIELDS}
        | {field: money(getattr(order, field), order.currency) for field in _AMOUNTS}
        | unknown
        | {"problems": None}
        | {name: discount(getattr(order, name), order.currency) for name in ("discount", "promo_code")}
        | {"items": [_item(item, order.currency) for item in order.items]}
    )


def discount(kept: Kept | None, currency: str) -> dict[str, Any] | None:
    """A discount, or a promo code that was used, as the contract says it."""
    return kept and kept | {"amount": money(kept["amount"], currency)}


def _item(item: OrderItem, currency: str) -> dict[str, Any]:
    fields = {field: getattr(item, field) for field in _ITEM_FIELDS} | {"discount": discount(item.discount, currency)}
    return fields | {field: money(getattr(item, field), currency) for field in _ITEM_AMOUNTS}

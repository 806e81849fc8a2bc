"""Drafts: what is put together for a contact, changed by whoever comes next, and placed once or thrown away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chassis.amounts import written
from chassis.ids import new_id
from chassis.rows import changes_between
from chassis.work import Work
from contracts.billing import drafts as told
from contracts.billing.orders import DRAFT
from contracts.errors import Conflict, Invalid
from contracts.language import Event, Request
from services.acquaintance import known_business
from services.billing.addressees.actions import known_customer
from services.billing.base import money, who
from services.billing.orders.giving import must_give
from services.billing.orders.model import Order
from services.billing.orders.outlook import asked_of, outlook_of
from services.billing.orders.placing import buyer_of, must_buy, place
from services.billing.orders.queries import held_order, order_of, shown
from services.billing.packages.queries import packages_by_id

Asked = dict[str, Any]
GIVING = ("given_by", "above_limit")
NOTHING: Asked = {"items": [], "discount": None, "promo_code": None, "payment_plan": None}


def draft_order(work: Work, request: Request) -> dict[str, Any]:
    """Begin an order that nobody owes anything for yet."""
    must_buy(buyer_of(work, request.contact_id))
    asked = _asked(work, request, NOTHING)
    draft = Order(
        id=new_id(),
        contact_id=request.contact_id,
        state=DRAFT,
        currency=known_business(work).currency,
        total=0,
        paid=0,
        refunded=0,
        credited=0,
        written_off=0,
        under_way=0,
        draft=asked,
        drafted_at=work.now,
        drafted_by=who(work),
        version=1,
    )
    work.session.add(draft)
    _tell(work, told.draft_made, draft, NOTHING)
    return outlook_of(work, draft)


def change_draft(work: Work, request: Request) -> dict[str, Any]:
    """Ask for something else; a discount stays given by whoever gave it, as long as what it is of stays."""
    draft = _held_draft(work, request.order_id, "changed")
    work.expect(draft.version)
    before = draft.draft or NOTHING
    asked = _asked(work, request, before)
    if asked != before:
        draft.draft, draft.version = asked, draft.version + 1
        _tell(work, told.draft_changed, draft, before)
    return outlook_of(work, draft)


def place_draft(work: Work, request: Request) -> dict[str, Any]:
    """Make an order of it, as placing one does; of two at once the second, and whoever asks again, sees the first's.

    Whoever expects a `total` is refused when it comes to another now.
    """
    seen = order_of(work.reading, request.order_id)
    if seen.is_draft:
        must_buy(known_customer(work, seen.contact_id))
    order = held_order(work, request.order_id)
    if order.is_draft:
        work.expect(order.version)
        asked = asked_of(order)
        if not asked["items"]:
            raise Invalid.field("/items", "Nothing is asked for yet.")
        work.session.expunge(order)  # it is written again when all that it points at is there
        order = place(work, order, asked, who(work))
    total = money(order.total, order.currency)
    if request.total is not None and request.total != total:
        words = f"The order comes to {written(order.total, order.currency)}."
        raise Conflict(words, [{"pointer": "/total", "detail": words}], total=total)
    return shown(order)


def delete_draft(work: Work, request: Request) -> None:
    """Throw a draft away; an order that was placed is cancelled instead, and never deleted."""
    draft = _held_draft(work, request.order_id, "deleted")
    work.expect(draft.version)
    work.session.delete(draft)
    work.record(told.draft_deleted, draft.contact_id, order_id=draft.id)


def _held_draft(work: Work, order_id: str, what: str) -> Order:
    order = held_order(work, order_id)
    if not order.is_draft:
        raise Conflict(f"Order {order.number} is placed: only a draft can be {what}.")
    return order


def _asked(work: Work, request: Request, before: Asked) -> Asked:
    """What a draft asks for from now on, in plain values, and who gave each discount of it."""
    asked = before | {name: request[name] for name in NOTHING if name in request}
    if "items" in request:
        asked["items"] = _items(work, request["items"], before["items"])
        _must_be_packages(work, asked["items"])
    same_items = asked["items"] == before["items"]
    asked["discount"] = _given(work, asked["discount"], [before["discount"]] if same_items else [])
    return asked


def _items(work: Work, items: Sequence[Request], before: Sequence[Asked]) -> list[Asked]:
    """The items; a discount is the one that stood if so much of that package had it already, and once each."""
    left = list(before)
    return [_item(work, item, left) for item in items]


def _item(work: Work, item: Request, left: list[Asked]) -> Asked:
    if item.discount is None:
        return dict(item)
    alike = [one for one in left if all(one[name] == item[name] for name in ("package_id", "quantity"))]
    discount = _given(work, item.discount, [one.get("discount") for one in alike])
    left[:] = [one for one in left if one.get("discount") is not discount]
    return {**item, "discount": discount}


def _given(work: Work, discount: Asked | None, before: Sequence[Asked | None]) -> Asked | None:
    """The discount with who gives it: whoever did already, else who asks, if they may."""
    if discount is None:
        return None
    asked = {name: value for name, value in discount.items() if name not in GIVING}
    for one in before:
        if one is not None and one == asked | {name: one[name] for name in GIVING}:
            return one
    must_give(work)
    return asked | {"given_by": who(work), "above_limit": work.actor.may("discounts.force")}


def _must_be_packages(work: Work, items: Sequence[Asked]) -> None:
    known = packages_by_id(work, {item["package_id"] for item in items})
    errors = [
        {"pointer": f"/items/{place}/package_id", "detail": "There is no such package."}
        for place, item in enumerate(items)
        if item["package_id"] not in known
    ]
    if errors:
        raise Invalid("Not all of these are packages.", errors)


def _tell(work: Work, event: Event, draft: Order, before: Asked) -> None:
    changes = changes_between(before, draft.draft or NOTHING)
    work.record(event, draft.contact_id, order_id=draft.id, changes=changes, version=draft.version)

"""The promo code of an order: whether its contact may use it for what they order."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, func, select

from chassis.work import Work
from contracts.errors import Invalid
from services.billing.assignments.model import Assignment
from services.billing.orders.model import Order, OrderItem
from services.billing.orders.pricing import Line
from services.billing.promo_codes.actions import held_code
from services.billing.promo_codes.model import POINTER, PromoCode


def code_for(
    work: Work, word: str | None, contact_id: str, lines: Sequence[Line], *, discounted: bool, hold: bool = True
) -> PromoCode | None:
    """The code of this word, held until the order stands; before memberships and subscriptions are held.

    Refused with a discount, unless it joins discounts, and if it is for a first purchase and this is none. Whoever
    only looks does not `hold` it.
    """
    if word is None:
        return None
    sold = {version.package_id for version, _ in lines}
    code = held_code(work, word, contact_id, currency=lines[0][0].currency, package_ids=sold, hold=hold)
    if discounted and not code.joins_discounts:
        raise Invalid.field(POINTER, "This code cannot be used together with a discount: leave out one of them.")
    if code.first_purchase_only:
        if hold:
            _hold_purchases(work, contact_id)
        _must_be_first(work, contact_id)
    return code


def _hold_purchases(work: Work, contact_id: str) -> None:
    """Of two first purchases at once one is the second."""
    key = func.hashtextextended(f"first purchase {contact_id}", 0)
    work.session.execute(select(func.pg_advisory_xact_lock(key)))


def _must_be_first(work: Work, contact_id: str) -> None:
    taken_back = exists().where(Assignment.order_id == Order.id, Assignment.state == "reversed")
    ordered = Order.state.not_in(("draft", "cancelled")) | taken_back
    with_a_price = exists().where(OrderItem.order_id == Order.id, OrderItem.amount > 0)
    if work.session.scalar(select(exists().where(Order.contact_id == contact_id, ordered, with_a_price))):
        raise Invalid.field(POINTER, "This code is for a first purchase, and the contact has bought before.")

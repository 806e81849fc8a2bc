"""Who may give which discount."""

from __future__ import annotations

from collections.abc import Iterator

from chassis.work import Work
from contracts.errors import Forbidden
from services.acquaintance import known_setting
from services.billing.orders.pricing import Price
from services.billing.taxes.rules import WHOLE, half_up

DISCOUNT_LIMIT = 2000
"""In basis points, until the business says otherwise."""


def refuse_too_generous(work: Work, price: Price) -> None:
    """Refuse any discount to who may give none, and to who may give some those above the limit, by their fields.

    The limit is of the price of an item for its own discount, and of the whole for all of them together.
    """
    if price.discount is None and not any(item.discount for item in price.items):
        return
    if not work.actor.may("orders.discount"):
        raise Forbidden("Giving a discount needs the permission orders.discount.")
    if work.actor.may("discounts.force"):
        return
    limit = known_setting(work, "discount_limit", DISCOUNT_LIMIT)
    detail = f"More than {limit / 100:g} % off needs the permission discounts.force."
    errors = [{"pointer": pointer, "detail": detail} for pointer in _above(price, limit)]
    if errors:
        raise Forbidden(detail, errors)


def _above(price: Price, limit: int) -> Iterator[str]:
    """Where in the order more is taken off than by the limit; a promo code is nobody's gift."""
    given = [int(item.discount["amount"]) if item.discount else 0 for item in price.items]
    for place, (item, off) in enumerate(zip(price.items, given, strict=True)):
        if off > half_up(item.amount * limit, WHOLE):
            yield f"/items/{place}/discount"
    whole = sum(item.amount for item in price.items)
    if price.discount and sum(given) + int(price.discount["amount"]) > half_up(whole * limit, WHOLE):
        yield "/discount"

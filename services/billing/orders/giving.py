"""Who may give which discount."""

from __future__ import annotations

from collections.abc import Container, Iterator

from chassis.work import Work
from contracts.errors import Forbidden
from contracts.language import Request
from services.acquaintance import known_setting
from services.billing.orders.pricing import Price
from services.billing.taxes.rules import WHOLE, half_up

DISCOUNT_LIMIT = 2000
"""In basis points, until the business says otherwise."""


def is_discounted(asked: Request) -> bool:
    """Whether a discount is asked for, of an item or of the whole."""
    return any([asked.discount, *(item.discount for item in asked["items"])])


def must_give(work: Work) -> None:
    """Refuse any discount to who may give none."""
    if not work.actor.may("orders.discount"):
        raise Forbidden("Giving a discount needs the permission orders.discount.")


def given_freely(asked: Request) -> set[str]:
    """Where in a draft a discount stands that somebody gave who may give more than the limit."""
    every = {f"/items/{place}/discount": item.discount for place, item in enumerate(asked["items"])}
    every["/discount"] = asked.discount
    return {pointer for pointer, discount in every.items() if discount and discount.get("above_limit")}


def refuse_above_limit(work: Work, price: Price, *, but: Container[str] = ()) -> None:
    """Refuse to who may not give them discounts above the limit, by their fields, `but` those that others gave.

    The limit is of the price of an item for its own discount, and of the whole for all of them together.
    """
    if work.actor.may("discounts.force"):
        return
    limit = known_setting(work, "discount_limit", DISCOUNT_LIMIT)
    detail = f"More than {limit / 100:g} % off needs the permission discounts.force."
    errors = [{"pointer": pointer, "detail": detail} for pointer in _above(price, limit) if pointer not in but]
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

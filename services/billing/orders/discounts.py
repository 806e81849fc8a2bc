"""What discounts come to, and how that of an order is spread over its items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from contracts.errors import Invalid
from contracts.language import Request
from services.billing.taxes.rules import WHOLE, half_up

Kept = dict[str, Any]
"""A discount as a row keeps it: `basis_points` or null, the `amount` that it comes to, `reason` and `given_by`."""


class Reduced(NamedTuple):
    """What is taken off: by the discount of each item, by that of the order, and of each item altogether."""

    own: list[int]
    of_order: int
    items: list[int]


def reduced(
    amounts: Sequence[int], currency: str, *, own: Sequence[Request | None], of_order: Request | None
) -> Reduced:
    """Take the discounts of the items off these amounts, and then the order's off all that is left of them."""
    first = [_off(asked, amounts[place], currency, f"/items/{place}/discount") for place, asked in enumerate(own)]
    left = [amount - off for amount, off in zip(amounts, first, strict=True)]
    then = _off(of_order, sum(left), currency, "/discount")
    shares = spread_evenly(then, left)
    return Reduced(first, then, [off + share for off, share in zip(first, shares, strict=True)])


def kept(asked: Request | None, amount: int, given_by: str) -> Kept | None:
    """What a row keeps of a discount that comes to this amount."""
    if asked is None:
        return None
    giver = asked.get("given_by", given_by)  # of a draft, whoever gave it there
    return {"basis_points": asked.basis_points, "amount": amount, "reason": asked.reason, "given_by": giver}


def spread_evenly(amount: int, weights: Sequence[int]) -> list[int]:
    """Part an amount in proportion, exactly: the units that remain go to the largest remainders, of equals the first.

    No part is more than its weight, as long as the amount is no more than all of them.
    """
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    parts = [amount * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: (-(amount * weights[place] % whole), place))
    for place in by_remainder[: amount - sum(parts)]:
        parts[place] += 1
    return parts


def _off(asked: Request | None, price: int, currency: str, pointer: str) -> int:
    """What a discount takes off this price, never more than all of it."""
    if asked is None:
        return 0
    if asked.amount is None:
        return half_up(price * asked.basis_points, WHOLE)
    amount = int(asked.amount["amount"])
    if asked.amount.get("currency", currency) != currency:
        raise Invalid.field(f"{pointer}/amount/currency", f"The order is in {currency}.")
    if amount > price:
        raise Invalid.field(f"{pointer}/amount/amount", f"No more than {price} can be taken off.")
    return amount

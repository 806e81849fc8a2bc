"""What an order comes to."""

from __future__ import annotations

from typing import Protocol

from contracts.errors import Invalid
from services.billing.taxes.rules import Split, Tax, split

MOST = 10**12
"""The largest amount that the contracts carry (`contracts.language.Money`)."""


class Priced(Protocol):
    """Anything with a price and perhaps a fee, in minor units."""

    currency: str
    price: int
    sign_up_fee: int | None

    @property
    def tax(self) -> Tax | None: ...


def amount_of(version: Priced, quantity: int) -> int:
    """A line's amount: the price for each, the sign-up fee once."""
    return version.price * quantity + (version.sign_up_fee or 0)


def parts_of(version: Priced, quantity: int, reduction: int = 0) -> Split:
    """A line's net and tax, of what discounts leave of it."""
    return split(amount_of(version, quantity) - reduction, version.tax)


def one_currency(currencies: list[str]) -> str:
    """The currency that all lines share, or refuse every line that differs from the first."""
    first = currencies[0]
    others = [
        {"pointer": f"/items/{place}/package_id", "detail": f"Is sold in {currency}, and the first item in {first}."}
        for place, currency in enumerate(currencies)
        if currency != first
    ]
    if others:
        raise Invalid("An order has one currency.", others)
    return first


def total_of(amounts: list[int]) -> int:
    """The sum of the lines, or refuse what no contract could carry."""
    total = sum(amounts)
    if total > MOST:
        raise Invalid.field("/items", f"The order comes to more than {MOST}.")
    return total

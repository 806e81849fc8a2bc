"""What an order comes to, item by item, with its discounts and taxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.errors import Invalid
from contracts.language import Request
from services.billing.orders.discounts import Kept, kept, reduced, spread_evenly
from services.billing.orders.rules import amount_of, one_currency, parts_of, total_of
from services.billing.packages.model import PackageVersion
from services.billing.promo_codes.model import POINTER, PromoCode
from services.billing.taxes.rules import WHOLE, Split, half_up

Line = tuple[PackageVersion, int]


@dataclass(frozen=True)
class PricedItem:
    """A line as it would be sold now."""

    version: PackageVersion
    quantity: int
    discount: Kept | None
    reduction: int

    @property
    def amount(self) -> int:
        """Before anything is taken off."""
        return amount_of(self.version, self.quantity)

    @property
    def parts(self) -> Split:
        """Net and tax of what is left."""
        return parts_of(self.version, self.quantity, self.reduction)

    @property
    def added_tax(self) -> int:
        return self.parts.total - (self.amount - self.reduction)


@dataclass(frozen=True)
class Price:
    """What an order comes to."""

    currency: str
    items: Sequence[PricedItem]
    discount: Kept | None
    promo_code: Kept | None

    @property
    def lines(self) -> list[Line]:
        return [(item.version, item.quantity) for item in self.items]

    @property
    def total(self) -> int:
        return sum(item.parts.total for item in self.items)


def priced(
    lines: Sequence[Line],
    *,
    own: Sequence[Request | None],
    of_order: Request | None,
    given_by: str,
    code: PromoCode | None = None,
) -> Price:
    """Price the lines as their packages stand; refused are mixed currencies, and a discount of more than there is.

    A promo code takes something off what the discounts leave of the packages that it is for.
    """
    currency = one_currency([version.currency for version, _ in lines])
    amounts = [amount_of(version, quantity) for version, quantity in lines]
    total_of(amounts)
    off = reduced(amounts, currency, own=own, of_order=of_order)
    left = [amount - less for amount, less in zip(amounts, off.items, strict=True)]
    shares = _off_by_code(code, lines, left)
    discounts = [kept(asked, amount, given_by) for asked, amount in zip(own, off.own, strict=True)]
    items = [
        PricedItem(version, quantity, discount, reduction + share)
        for (version, quantity), discount, reduction, share in zip(lines, discounts, off.items, shares, strict=True)
    ]
    total_of([item.parts.total for item in items])
    return Price(currency, items, kept(of_order, off.of_order, given_by), _kept_code(code, sum(shares)))


def _off_by_code(code: PromoCode | None, lines: Sequence[Line], left: Sequence[int]) -> list[int]:
    """What a code takes off each line, of an amount no more than there is."""
    if code is None:
        return [0] * len(left)
    theirs = [one if code.is_for(version.package_id) else 0 for (version, _), one in zip(lines, left, strict=True)]
    part = half_up(sum(theirs) * (code.basis_points or 0), WHOLE)
    less = part if code.off is None else min(code.off, sum(theirs))
    if not less:
        raise Invalid.field(POINTER, "This code takes nothing off what is ordered.")
    return spread_evenly(less, theirs)


def _kept_code(code: PromoCode | None, amount: int) -> Kept | None:
    return code and {"promo_code_id": code.id, "code": code.code, "amount": amount}

"""What an order comes to, item by item, with its discounts and taxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.language import Request
from services.billing.orders.discounts import Kept, kept, reduced
from services.billing.orders.rules import amount_of, one_currency, parts_of, total_of
from services.billing.packages.model import PackageVersion
from services.billing.taxes.rules import Split

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

    @property
    def lines(self) -> list[Line]:
        return [(item.version, item.quantity) for item in self.items]

    @property
    def total(self) -> int:
        return sum(item.parts.total for item in self.items)


def priced(lines: Sequence[Line], *, own: Sequence[Request | None], of_order: Request | None, given_by: str) -> Price:
    """Price the lines as their packages stand; refused are mixed currencies, and a discount of more than there is."""
    currency = one_currency([version.currency for version, _ in lines])
    amounts = [amount_of(version, quantity) for version, quantity in lines]
    total_of(amounts)
    off = reduced(amounts, currency, own=own, of_order=of_order)
    discounts = [kept(asked, amount, given_by) for asked, amount in zip(own, off.own, strict=True)]
    items = [
        PricedItem(version, quantity, discount, reduction)
        for (version, quantity), discount, reduction in zip(lines, discounts, off.items, strict=True)
    ]
    total_of([item.parts.total for item in items])
    return Price(currency, items, kept(of_order, off.of_order, given_by))

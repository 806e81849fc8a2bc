"""What an invoice comes to, and which part of each line a credit takes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.billing.taxes.rules import Split, Tax, half_up, split


@dataclass(frozen=True)
class Line:
    """What is to be charged: so many at a price, and a fee once, less a reduction of both.

    `source_id` is the order's item or the renewal.
    """

    name: str
    quantity: int
    unit_price: int
    fee: int = 0
    tax: Tax | None = None
    source_id: str | None = None
    reduction: int = 0

    @property
    def parts(self) -> Split:
        """Net and tax; rounded once, for the line."""
        return split(self.unit_price * self.quantity + self.fee - self.reduction, self.tax)


def sum_of(parts: Sequence[Split]) -> Split:
    """The sum of lines: of numbers that are rounded already, so that it is exact."""
    return Split(sum(part.net for part in parts), sum(part.tax for part in parts))


def credited_part(line: Split, *, before: int, amount: int) -> Split:
    """What of a credit is net and what tax, when `before` of the line's total was credited already.

    The tax of all credits together is that of the sum of them, so that a line credited whole gives back its own tax.
    """
    if line.total == 0:
        return Split(0, 0)
    tax = half_up(line.tax * (before + amount), line.total) - half_up(line.tax * before, line.total)
    return Split(amount - tax, tax)


def spread(amount: int, left: Sequence[int]) -> list[int]:
    """Part an amount over lines in proportion to what is left of each: whole units, never more than is left."""
    whole = sum(left)
    if amount > whole:
        raise ValueError(f"{amount} is more than the {whole} that is left.")
    parts, reached, given = [], 0, 0
    for one in left:
        reached += one
        part = (amount * reached // whole if whole else 0) - given
        parts.append(part)
        given += part
    return parts

"""What of an amount is tax: rounded half up to a whole minor unit, line by line (decision 0306)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

WHOLE = 10_000
"""Basis points of a whole."""


@dataclass(frozen=True)
class Tax:
    """A rate as it is when something is sold."""

    rate_id: str
    name: str
    basis_points: int
    inclusive: bool


class Split(NamedTuple):
    """What is charged, and what of it is tax."""

    net: int
    tax: int

    @property
    def total(self) -> int:
        return self.net + self.tax


def split(amount: int, tax: Tax | None) -> Split:
    """Part a price into net and tax: the tax is in the price where it is inclusive, and else comes on top of it."""
    if tax is None:
        return Split(amount, 0)
    if tax.inclusive:
        contained = half_up(amount * tax.basis_points, WHOLE + tax.basis_points)
        return Split(amount - contained, contained)
    return Split(amount, half_up(amount * tax.basis_points, WHOLE))


def half_up(dividend: int, divisor: int) -> int:
    """Divide, neither being below zero, and round to the nearest whole number, a half upwards."""
    return (2 * dividend + divisor) // (2 * divisor)

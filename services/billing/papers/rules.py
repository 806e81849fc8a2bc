"""What an invoice and a credit note say on paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

from chassis.amounts import written
from services.acquaintance.rules import Business
from services.billing.taxes.rules import Split


@dataclass(frozen=True)
class Paper:
    """All that a sheet says: of whose `business` it is, who the `seller` is, line by line, and of what it is about."""

    id: str
    title: str
    business: str
    seller: str
    contact: str
    facts: Sequence[tuple[str, str]]
    columns: tuple[str, ...]
    lines: Sequence[tuple[str, ...]]
    sums: Sequence[tuple[str, str]]
    file_name: str


class _Taxed(Protocol):
    tax_name: str | None
    tax_basis_points: int | None
    tax_inclusive: bool | None

    @property
    def parts(self) -> Split: ...


def seller_of(business: Business) -> str:
    """Who sells: the name, the address and the tax number, each where the business said it."""
    number = f"Tax number {business.tax_number}" if business.tax_number else ""
    return "\n".join(part for part in (business.name, business.address, number) if part)


def percent(basis_points: int) -> str:
    """1900 is 19 %, 550 is 5.5 %."""
    return f"{basis_points / 100:g} %"


def day_of(moment: dt.datetime, zone: ZoneInfo) -> str:
    """The day where the business is."""
    return moment.astimezone(zone).date().isoformat()


def sums_of(taxed: Sequence[tuple[_Taxed, Split]], currency: str) -> list[tuple[str, str]]:
    """Net, the tax of each rate, and the total."""
    rates: dict[tuple[str, int], int] = {}
    for line, part in taxed:
        if line.tax_name is not None:
            rate = line.tax_name, line.tax_basis_points or 0
            rates[rate] = rates.get(rate, 0) + part.tax
    net, tax = sum(part.net for _, part in taxed), sum(part.tax for _, part in taxed)
    of_rates = [(f"{name} {percent(points)}", written(amount, currency)) for (name, points), amount in rates.items()]
    return [("Net", written(net, currency)), *of_rates, ("Total", written(net + tax, currency))]

"""The orders that a list can have; each is what one index has, so that any page costs what the first costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from services.contacts.facts.rules import BILLED, SEES_MONEY
from services.contacts.finding.queries.fields import contacts, facts, or_never

_of = contacts.c


@dataclass(frozen=True)
class Order:
    """The keys to order by; `of_facts`: they are facts, so that who has none yet is not in the list.

    Who asks for it `needs` a permission, if it names one; PostgreSQL goes by these settings `locally`.
    """

    keys: tuple[Any, ...]
    of_facts: bool = False
    needs: str | None = None
    locally: Mapping[str, float] | None = None


@cache
def order_of(sort: str) -> Order:
    """The order of one of `contracts.contacts.finding.SORTS`; a minus turns it round."""
    name = sort.removeprefix("-")
    columns, descends, of_facts = _COLUMNS[name]
    if sort != name:
        descends = not descends
    needs = SEES_MONEY if name in BILLED else None
    return Order(tuple(column.desc() if descends else column for column in columns), of_facts, needs)


def _moment(name: str) -> tuple[Any, bool, bool]:
    return (or_never(facts.c[name]), facts.c.contact_id), True, True


_COLUMNS: dict[str, tuple[Any, bool, bool]] = {
    "newest": ((_of.id,), True, False),
    "name": ((_of.sort_name, _of.id), False, False),
    "last_activity": _moment("last_activity_at"),
    "last_visit": _moment("last_visit_at"),
    "last_booking": _moment("last_booking_at"),
    "last_contact": _moment("last_contact_at"),
    "lifetime_value": ((facts.c.lifetime_value, facts.c.contact_id), True, True),
    "dues": ((facts.c.dues, facts.c.contact_id), True, True),
}

"""The columns of an export: their headers, which an import understands, and the cells of one contact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from chassis.amounts import written
from services.contacts.facts.rules import BILLED, SEES_MONEY
from services.contacts.fields.rules import Fields

SEVERAL = " ::: "
"""Between several values of one cell; an import takes them apart by it."""
OF_EACH = 3
"""So many e-mails and phones have columns of their own; the last of them holds what is left, too."""
ADDRESSES = 2
_PARTS = ("label", "street", "city", "region", "postal_code", "country")

Cell = str | int | float | None
Cells = list[Cell]


class Column(NamedTuple):
    """`cells(contact)` are as many as there are `headers`."""

    headers: tuple[str, ...]
    cells: Callable[[Mapping[str, Any]], Cells]


def withheld_from(may: Callable[[str], bool]) -> set[str]:
    """The columns that are not for whoever has only these permissions."""
    return set() if may(SEES_MONEY) else COLUMNS.keys() & BILLED


def columns_for(fields: Fields) -> dict[str, Column]:
    """Every column by name, those of the custom fields at the end."""
    return COLUMNS | {
        f"fields.{field.key}": Column((field.label,), _custom(field.key)) for field in fields.values()
    }  # fmt: skip


def headers_of(columns: Iterable[Column]) -> list[str]:
    """The header row."""
    return [header for column in columns for header in column.headers]


def row_of(columns: Iterable[Column], contact: Mapping[str, Any]) -> Cells:
    """The row of one contact."""
    return [cell for column in columns for cell in column.cells(contact)]


def _one(header: str, read: Callable[[Mapping[str, Any]], Any]) -> Column:
    return Column((header,), lambda contact: [_written(read(contact))])


def _plain(header: str, name: str) -> Column:
    return _one(header, lambda contact: contact[name])


def _person(header: str, name: str) -> Column:
    return _one(header, lambda contact: contact[name] if contact["kind"] == "person" else None)


def _fact(header: str, name: str) -> Column:
    return _one(header, lambda contact: contact["facts"].get(name))


def _custom(key: str) -> Callable[[Mapping[str, Any]], Cells]:
    return lambda contact: [_written(contact["fields"].get(key))]


def _money(header: str, name: str) -> Column:
    def read(contact: Mapping[str, Any]) -> str | None:
        facts = contact["facts"]
        return written(facts[name], facts["currency"]) if facts else None

    return _one(header, read)


def _several(name: str, header: str) -> Column:
    numbers = range(1, OF_EACH + 1)
    headers = tuple(text for n in numbers for text in (f"{header} {n}", f"{header} {n} label"))

    def cells(contact: Mapping[str, Any]) -> Cells:
        given = _primary_first(contact[name])
        found: Cells = []
        for place in range(OF_EACH):
            here = given[place : place + 1] if place < OF_EACH - 1 else given[place:]
            found += [SEVERAL.join(one["value"] for one in here) or None, here[0]["label"] if here else None]
        return found

    return Column(headers, cells)


def _addresses() -> Column:
    words = [part.replace("_", " ") for part in _PARTS]
    headers = tuple(f"Address {n} {word}" for n in range(1, ADDRESSES + 1) for word in words)

    def cells(contact: Mapping[str, Any]) -> Cells:
        given = [*_primary_first(contact["addresses"])[:ADDRESSES], *[{}] * ADDRESSES][:ADDRESSES]
        return [address.get(part) or None for address in given for part in _PARTS]

    return Column(headers, cells)


def _primary_first(parts: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(parts, key=lambda part: not part["primary"])


def _written(value: Any) -> Cell:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


COLUMNS: dict[str, Column] = {
    "first_name": _person("First name", "first_name"),
    "last_name": _person("Last name", "last_name"),
    "preferred_name": _person("Preferred name", "preferred_name"),
    "company": _one("Company", lambda contact: contact["name"] if contact["kind"] == "company" else None),
    "emails": _several("emails", "E-mail"),
    "phones": _several("phones", "Phone"),
    "addresses": _addresses(),
    "birthday": _plain("Birthday", "birthday"),
    "gender": _plain("Gender", "gender"),
    "website": _plain("Website", "website"),
    "industry": _plain("Industry", "industry"),
    "location": _plain("Location", "location"),
    "tags": _one("Tags", lambda contact: SEVERAL.join(contact["tags"]) or None),
    "membership_number": _plain("Membership number", "membership_number"),
    "customer_since": _plain("Customer since", "customer_since"),
    "lifecycle": _one("Lifecycle", lambda contact: contact["lifecycle"]["state"]),
    "lead_status": _plain("Lead status", "lead_status"),
    "assigned_to": _plain("Looked after by", "assignee"),
    "source": _plain("Lead source", "source"),
    "acquisition": _plain("Acquisition", "acquisition"),
    "standing": _plain("Standing", "standing"),
    "created_at": _plain("Created at (UTC)", "created_at"),
    "lifetime_value": _money("Lifetime value", "lifetime_value"),
    "dues": _money("Dues", "dues"),
    "membership": _fact("Membership", "membership"),
    "subscription_state": _fact("Subscription", "subscription_state"),
    "visits": _fact("Visits", "visits"),
    "last_visit_at": _fact("Last visit (UTC)", "last_visit_at"),
    "last_booking_at": _fact("Last booking (UTC)", "last_booking_at"),
    "last_contact_at": _fact("Last contact (UTC)", "last_contact_at"),
    "id": _plain("Rapport id", "id"),
}

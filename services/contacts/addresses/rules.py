"""Postal addresses in one consistent form."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from services.contacts.contact.rules import clean, primary_of
from services.contacts.settings.rules import COUNTRIES

_BLANKS = re.compile(r"[^\S\n]+")
_PARTS = ("label", "street", "city", "region", "postal_code")


class PostalAddress(NamedTuple):
    label: str
    street: str
    city: str
    region: str
    postal_code: str
    country: str
    primary: bool


def read_addresses(given: list[dict[str, Any]], problems: list[dict[str, str]]) -> list[PostalAddress]:
    """Trim them all; what is wrong goes to `problems` with its pointer, what is empty or twice is left out."""
    found: dict[tuple[str, ...], PostalAddress] = {}
    first = primary_of(given, "addresses", problems)
    for n, item in enumerate(given):
        label, street, city, region, postal_code = (_trimmed(item.get(part)) for part in _PARTS)
        country = (item.get("country") or "").strip().upper()
        place = street, city, region, postal_code, country
        if country and country not in COUNTRIES:
            problems.append({"pointer": f"/addresses/{n}/country", "detail": "No country of ISO 3166-1 has this code."})
        elif any(place):
            known = found.get(place)
            chosen = n == first or bool(known and known.primary)
            found[place] = PostalAddress(known.label if known else label, *place, primary=chosen)
    kept = list(found.values())
    if kept and not any(address.primary for address in kept):
        kept[0] = kept[0]._replace(primary=True)
    return kept


def _trimmed(text: str | None) -> str:
    lines = clean((text or "").replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    return "\n".join(line for line in (_BLANKS.sub(" ", line).strip() for line in lines) if line)

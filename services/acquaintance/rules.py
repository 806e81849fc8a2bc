"""How a memory of a contact grows: whatever order the news comes in, the newest counts and no gap goes unnoticed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from contracts.contacts.settings import SETTINGS

DETAILS = frozenset({"first_name", "preferred_name", "emails"})
"""What events do not tell in full: when one of these changed, the contact is asked for again at the next need."""


@dataclass(frozen=True)
class KnownContact:
    """A contact as remembered here. Unless `complete`, only the name and the standing can be relied on."""

    contact_id: str
    display_name: str
    first_name: str | None = None
    email: str | None = None
    standing: str = "active"
    merged_into: str | None = None
    version: int = 0
    complete: bool = False
    standing_version: int = 0
    """The version that told the standing: it may be told later than a newer one that says nothing of it."""


@dataclass(frozen=True)
class Business:
    """What the business is called, if it said so, where its day begins, what it counts in, and calls its people.

    `address` and `tax_number` are what its papers say of it; empty where it said nothing.
    """

    name: str
    zone: ZoneInfo
    currency: str
    labels: Mapping[str, str]
    address: str = ""
    tax_number: str = ""


def business_of(told: Mapping[str, Any], otherwise: Business) -> Business:
    """As its settings tell, else as it was before they told anything."""
    zone = told.get("time_zone")
    return Business(
        told.get("business_name") or otherwise.name,
        ZoneInfo(zone) if zone else otherwise.zone,
        told.get("currency") or otherwise.currency,
        {**otherwise.labels, **(told.get("labels") or {})},
        told.get("business_address") or "",
        told.get("tax_number") or "",
    )


def learnt_of(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All settings as rows of the memory; what the business did not say itself, each service takes from where it is."""
    said = set(settings["set"])
    return [
        {"key": key, "value": settings[key] if key in said else None, "version": settings["version"]}
        for key in sorted(SETTINGS)
    ]


@dataclass(frozen=True)
class News:
    """What an event tells: the contact's version after it, its name if told, and which fields changed."""

    contact_id: str
    version: int
    display_name: str | None = None
    standing: str | None = None
    changed: frozenset[str] = frozenset()


def learn(known: KnownContact | None, news: News) -> KnownContact | None:
    """Add news to what is known; older news changes nothing but a standing not heard of since, and news after a gap
    makes it incomplete."""
    if known is None:
        if news.display_name is None:
            return None
        known = KnownContact(news.contact_id, news.display_name, version=news.version)
        return replace(known, standing=news.standing, standing_version=news.version) if news.standing else known
    if news.version <= known.version:
        if news.standing and news.version > known.standing_version:
            return replace(known, standing=news.standing, standing_version=news.version)
        return known
    missed_some = news.version > known.version + 1
    if missed_some and news.display_name is None:
        # The missing news may tell the name: it must not look old when it comes.
        return replace(known, complete=False)
    return replace(
        known,
        display_name=news.display_name or known.display_name,
        standing=news.standing or known.standing,
        standing_version=news.version if news.standing else known.standing_version,
        version=news.version,
        complete=known.complete and not missed_some and not news.changed & DETAILS,
    )

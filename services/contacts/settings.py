"""What the environment says to this service alone."""

from __future__ import annotations

from functools import cache

import phonenumbers
from environs import Env


@cache
def default_region() -> str:
    """The country by which a phone number without one is read (RAPPORT_DEFAULT_REGION, ISO 3166-1 alpha-2)."""
    region = Env().str("RAPPORT_DEFAULT_REGION", "GB").strip().upper()
    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise SystemExit(f"RAPPORT_DEFAULT_REGION must be a country such as GB, not {region!r}.")
    return region

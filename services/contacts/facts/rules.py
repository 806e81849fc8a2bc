"""What can be said of a contact's figures."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

from environs import Env

DAYS_OF_A_MONTH = 365.2425 / 12


@cache
def business_currency() -> str:
    """The currency that facts are kept in (RAPPORT_CURRENCY, ISO 4217)."""
    return Env().str("RAPPORT_CURRENCY", "EUR").strip().upper()


def sum_of(amount: int, currency: str) -> dict[str, Any]:
    """An amount as it is told."""
    return {"amount": amount, "currency": currency}


def spend_of(
    value: int, currency: str, *, bookings: int, first_purchase_at: dt.datetime | None, now: dt.datetime
) -> dict[str, Any]:
    """Spend in total, for each booking, and for each month since the first purchase; the first month counts whole."""
    per_booking = sum_of(round(value / bookings), currency) if bookings else None
    per_month = None
    if first_purchase_at:
        months = max(1.0, (now - first_purchase_at).total_seconds() / 86400 / DAYS_OF_A_MONTH)
        per_month = sum_of(round(value / months), currency)
    return {"total": sum_of(value, currency), "per_booking": per_booking, "per_month": per_month}

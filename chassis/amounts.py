"""Amounts of money as a person reads them."""

from __future__ import annotations

_MINOR_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "BHD": 3, "JOD": 3, "KWD": 3, "OMR": 3, "TND": 3}


def written(amount: int, currency: str) -> str:
    """Write an amount of minor units in whole ones, exactly: 4900 EUR is 49.00 EUR (ISO 4217)."""
    digits = _MINOR_DIGITS.get(currency, 2)
    if digits == 0:
        return f"{amount} {currency}"
    whole, rest = divmod(abs(amount), 10**digits)
    return f"{'-' if amount < 0 else ''}{whole}.{rest:0{digits}d} {currency}"

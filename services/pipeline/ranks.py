"""Ranks: numbers that leave room between any two, so that moving one thing renumbers no other."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_FLOOR, Context, Decimal, localcontext
from itertools import count

_EXACT = Context(prec=17_000)
"""PostgreSQL's numeric keeps up to 16,383 digits after the point."""


def between(low: Decimal | None, high: Decimal | None) -> Decimal:
    """Find a short number strictly between two, None being an open end; between equals there is only themselves."""
    with localcontext(_EXACT):
        if low is None:
            return Decimal(0) if high is None else high - 1
        if high is None:
            return low + 1
        if low >= high:
            return low
        middle = (low + high) * Decimal("0.5")
        for digits in count():
            step = Decimal(1).scaleb(-digits)
            candidate = middle.quantize(step, ROUND_FLOOR)
            if candidate <= low:
                candidate += step
            if candidate < high:
                return candidate
    raise AssertionError("count() does not end")


def on_top(now: dt.datetime, nth: int = 0) -> Decimal:
    """The rank of what comes in newest first: above all that came before, without asking where those stand."""
    return Decimal(-round(now.timestamp() * 1_000_000) - nth)

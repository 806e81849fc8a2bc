"""Ranks: numbers that leave room between any two, so that moving one thing renumbers no other."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_FLOOR, Context, Decimal, localcontext
from itertools import count

_EXACT = Context(prec=17_000)
"""PostgreSQL's numeric keeps up to 16,383 digits after the point."""

LONGEST, ROOMY = 30, 15
"""So many digits after the point has a rank at most before those around it are put further apart, and then at most."""


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


def is_too_fine(rank: Decimal, digits: int = LONGEST) -> bool:
    """Whether the gap that it was put into has become too narrow to go on halving: an index takes some 5,000 digits."""
    exponent = rank.as_tuple().exponent
    return isinstance(exponent, int) and -exponent > digits


def spread(low: Decimal, high: Decimal | None, count: int) -> list[Decimal]:
    """Find so many short numbers in rising order between two, evenly far apart; above `high` None there is all room."""
    if high is None:
        with localcontext(_EXACT):
            high = low + count + 1
    if count == 0:
        return []
    middle, before = between(low, high), count // 2
    return [*spread(low, middle, before), middle, *spread(middle, high, count - before - 1)]


def on_top(now: dt.datetime, nth: int = 0) -> Decimal:
    """The rank of what comes in newest first: above all that came before, without asking where those stand."""
    return Decimal(-round(now.timestamp() * 1_000_000) - nth)

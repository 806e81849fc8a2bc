"""When cycles begin and end, what is left of one, and when a charge that failed is tried again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dateutil.relativedelta import relativedelta

from services.billing.taxes.rules import half_up

A_DAY = dt.timedelta(days=1)
RETRY_DAYS = (1, 3, 7)
"""So many days after it was due a charge that failed is tried again; after the last the subscription is past due."""
PAST_DUE_DAYS = 30
"""A subscription that was past due for so long expires."""
_LONGEST = {"day": 1, "week": 7, "month": 31, "year": 366}
_MEAN = {"day": 4800, "week": 7 * 4800, "month": 146_097, "year": 12 * 146_097}
"""How long they are in 400 years, which are 4800 months and 146097 days."""


@dataclass(frozen=True)
class Cycle:
    """Every `count` `unit`s, which are days, weeks, months or years. Cycles are counted from 0 at an anchor."""

    unit: str
    count: int

    def start(self, anchor: dt.date, number: int) -> dt.date | None:
        """The first day of the cycle of that number; None beyond the calendar, which ends in 9999.

        It is reckoned from the anchor each time: the 31st is the 28th in February, and the 31st again in March.
        """
        span: Any = {f"{self.unit}s": self.count * number}
        try:
            return anchor + relativedelta(**span)
        except (ValueError, OverflowError):
            return None

    def last_day(self, anchor: dt.date, number: int) -> dt.date | None:
        """The last day of the cycle of that number; None beyond the calendar."""
        following = self.start(anchor, number + 1)
        return following and following - A_DAY

    def number_on(self, anchor: dt.date, day: dt.date) -> int:
        """The number of the cycle that a day belongs to; days before the anchor count to the first."""
        number = max(0, (day - anchor).days // (_LONGEST[self.unit] * self.count))  # not too far, and nearly there
        while (following := self.start(anchor, number + 1)) is not None and following <= day:
            number += 1
        return number


def worth_left(paid: Iterable[tuple[int, int]], days: int) -> int | None:
    """What the last so many days are worth, that were paid for by these, each (days, money), the newest first.

    Each is worth its money whatever its length, a day its share, rounded half up; None: they are fewer days.
    """
    worth = 0
    for length, money in paid:
        part = min(length, days)
        worth, days = worth + half_up(money * part, length), days - part
        if days == 0:
            return worth
    return None


def is_cheaper(price: int, cycle: Cycle, *, than: tuple[int, Cycle]) -> bool:
    """Whether it comes to less in the long run, where cycles are of different lengths."""
    other_price, other = than
    return price * other.count * _MEAN[other.unit] < other_price * cycle.count * _MEAN[cycle.unit]


def shifted(day: dt.date | None, *, paused_on: dt.date, resumed_on: dt.date) -> dt.date | None:
    """A day that lay ahead when the pause began, moved by as long as it lasted; the day of resuming counts again."""
    try:
        return day and day + (resumed_on - paused_on)
    except OverflowError:
        return None


def next_try(due_on: dt.date, failures: int, *, today: dt.date) -> dt.date | None:
    """When a charge that has failed so often is tried again: never twice in a day; None: not any more."""
    if failures > len(RETRY_DAYS):
        return None
    try:
        return max(due_on + dt.timedelta(days=RETRY_DAYS[failures - 1]), today + A_DAY)
    except OverflowError:
        return None

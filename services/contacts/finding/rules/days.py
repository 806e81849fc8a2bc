"""Relative dates by the calendar: which days “in the last 45 days” are, and when a day begins somewhere."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

UNITS = ("day", "week", "month", "year")
LONGEST = {"day": 36600, "week": 5200, "month": 1200, "year": 100}
_ONE = dt.timedelta(days=1)


class Days(NamedTuple):
    """The days from `first` to the one before `after`; None: without end on that side."""

    first: dt.date | None
    after: dt.date | None


def shifted(day: dt.date, n: int, unit: str) -> dt.date:
    """So many units later, or earlier; at the end of a month the last day that there is."""
    try:
        return day + relativedelta(**{f"{unit}s": n})  # type: ignore[arg-type]
    except (ValueError, OverflowError):
        return dt.date.max if n > 0 else dt.date.min


def in_last(today: dt.date, n: int, unit: str) -> Days:
    """The last n units up to and with today: one day is today alone."""
    return Days(shifted(today, -n, unit) + _ONE, today + _ONE)


def in_next(today: dt.date, n: int, unit: str) -> Days:
    """The next n units, today among them."""
    return Days(today, shifted(today, n, unit))


def older_than(today: dt.date, n: int, unit: str) -> Days:
    """At least n units ago: the days before `in_last`."""
    return Days(None, shifted(today, -n, unit) + _ONE)


def this_day(today: dt.date) -> Days:
    return Days(today, today + _ONE)


def this_week(today: dt.date) -> Days:
    """From Monday to Sunday (ISO 8601)."""
    monday = today - dt.timedelta(days=today.weekday())
    return Days(monday, monday + 7 * _ONE)


def this_month(today: dt.date) -> Days:
    return _month(today.replace(day=1))


def last_month(today: dt.date) -> Days:
    return _month(today.replace(day=1) - relativedelta(months=1))


def next_month(today: dt.date) -> Days:
    return _month(today.replace(day=1) + relativedelta(months=1))


def this_year(today: dt.date) -> Days:
    return Days(today.replace(month=1, day=1), dt.date(today.year + 1, 1, 1))


def _month(first: dt.date) -> Days:
    return Days(first, first + relativedelta(months=1))


SPANS: dict[str, Callable[[dt.date], Days]] = {
    "today": this_day,
    "thisWeek": this_week,
    "thisMonth": this_month,
    "lastMonth": last_month,
    "nextMonth": next_month,
    "thisYear": this_year,
}
STRETCHES: dict[str, Callable[[dt.date, int, str], Days]] = {
    "inLast": in_last,
    "inNext": in_next,
    "olderThan": older_than,
}
ANNIVERSARIES: dict[str, Callable[[dt.date], Days]] = {
    "birthdayToday": this_day,
    "birthdayThisWeek": this_week,
    "birthdayThisMonth": this_month,
    "birthdayNextMonth": next_month,
}
ANNIVERSARY_STRETCHES: dict[str, Callable[[dt.date, int, str], Days]] = {
    "birthdayInNext": in_next,
    "birthdayInLast": in_last,
}


def start_of(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """The first moment of a day there: where a clock is put forward at midnight, the moment of that."""
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)


def born_by(today: dt.date, years: int) -> dt.date:
    """Who was born on this day or before is at least so old today.

    Who was born on 29 February grows older on the 28th where the year has no 29th.
    """
    year = today.year - years
    if year < 1:
        return dt.date.min
    last = calendar.monthrange(year, today.month)[1]
    if (today.month, today.day) == (2, 28) and not calendar.isleap(today.year):
        return dt.date(year, 2, last)
    return dt.date(year, today.month, min(today.day, last))


def born_when_aged(today: dt.date, youngest: int | None, oldest: int | None) -> Days:
    """The birthdays of those whose age today is between these, both included."""
    after = None if youngest is None else born_by(today, youngest) + _ONE
    return Days(None if oldest is None else born_by(today, oldest + 1) + _ONE, after)


def birthdays_in(days: Days) -> list[tuple[int, int]]:
    """The ranges of month * 100 + day on which somebody celebrates within these days; one that wraps is two.

    In a year without a 29 February, who was born on it celebrates on the 28th.
    """
    assert days.first is not None
    assert days.after is not None
    first, last = days.first, days.after - _ONE
    if (days.after - first).days >= 366:
        return [(101, 1231)]
    begins, ends = _date_number(first), _date_number(last)
    if ends == 228 and not calendar.isleap(last.year):
        ends = 229
    return [(begins, ends)] if first.year == last.year else [(begins, 1231), (101, ends)]


def _date_number(day: dt.date) -> int:
    return day.month * 100 + day.day

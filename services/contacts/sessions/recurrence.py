"""The days of a recurrence rule (RFC 5545, 3.3.10), looked for within bounds, however senseless the rule is.

dateutil looks for the thirtieth of February until the year 9999, which takes a processor half a minute.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BY_DAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_ORDINALS = {"MONTHLY": 5, "YEARLY": 53}
_YEAR = dt.timedelta(days=366)


class Rule(NamedTuple):
    """A rule without its end. `weekdays` are pairs: which one of its month or year, 0 for all, and the weekday."""

    frequency: str
    interval: int = 1
    months: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    weekdays: frozenset[tuple[int, int]] = frozenset()
    places: frozenset[int] = frozenset()
    week_starts: int = 0

    def days(self, first: dt.date, last: dt.date) -> Iterator[dt.date]:
        """The days of the rule from `first`, which says what the rule leaves open, to `last`."""
        whole = self._completed_by(first)
        around = (dt.date.fromordinal(n) for n in range((first - _YEAR).toordinal(), (last + _YEAR).toordinal()))
        began = whole._period(first)
        for period, within in groupby(around, whole._period):
            if period >= began and (period - began) % self.interval == 0:
                yield from (day for day in whole._chosen(filter(whole._fits, within)) if first <= day <= last)

    def _completed_by(self, first: dt.date) -> Rule:
        if self.month_days or self.weekdays or self.frequency == "DAILY":
            return self
        if self.frequency == "WEEKLY":
            return self._replace(weekdays=frozenset({(0, first.weekday())}))
        months = self.months or (frozenset({first.month}) if self.frequency == "YEARLY" else frozenset())
        return self._replace(month_days=frozenset({first.day}), months=months)

    def _period(self, day: dt.date) -> int:
        """The number of the day, week, month or year."""
        if self.frequency == "DAILY":
            return day.toordinal()
        if self.frequency == "WEEKLY":
            return (day.toordinal() - 1 - self.week_starts) // 7
        return day.year if self.frequency == "YEARLY" else day.year * 12 + day.month

    def _fits(self, day: dt.date) -> bool:
        if self.months and day.month not in self.months:
            return False
        in_month = calendar.monthrange(day.year, day.month)[1]
        if self.month_days and not self.month_days & {day.day, day.day - in_month - 1}:
            return False
        return not self.weekdays or bool(self.weekdays & {(n, day.weekday()) for n in self._ordinals(day, in_month)})

    def _ordinals(self, day: dt.date, in_month: int) -> tuple[int, int, int]:
        """Any, the how manieth of its weekday from the beginning, and from the end: of the month, else of the year."""
        place, length = day.day, in_month
        if self.frequency == "YEARLY" and not self.months:
            place, length = day.timetuple().tm_yday, 366 if calendar.isleap(day.year) else 365
        return 0, (place - 1) // 7 + 1, -((length - place) // 7 + 1)

    def _chosen(self, days: Iterator[dt.date]) -> list[dt.date]:
        """Those at the asked places of their period."""
        all_of_it = list(days)
        if not self.places:
            return all_of_it
        many = len(all_of_it)
        return [day for n, day in enumerate(all_of_it) if {n + 1, n - many} & self.places]


def read_rule(parts: dict[str, str]) -> Rule:
    """Read the parts but for the end; ValueError says what is no such thing."""
    frequency = parts["FREQ"]
    month_days = _numbers(parts, "BYMONTHDAY", 31)
    if month_days and frequency == "WEEKLY":
        raise ValueError("BYMONTHDAY: not in a weekly rule.")
    months = _numbers(parts, "BYMONTH", 12, sign="")
    starts = parts.get("WKST", "MO")
    if starts not in _WEEKDAYS:
        raise ValueError("WKST is a day such as MO.")
    return Rule(
        frequency, int(parts.get("INTERVAL", "1")), months, month_days, _weekdays(parts, frequency),
        _numbers(parts, "BYSETPOS", 366), _WEEKDAYS.index(starts),
    )  # fmt: skip


def _numbers(parts: dict[str, str], name: str, most: int, *, sign: str = "[+-]?") -> frozenset[int]:
    """Numbers from 1 on, or from the end with a minus, separated by commas."""
    words = parts[name].split(",") if name in parts else []
    if not all(re.fullmatch(f"{sign}[0-9]{{1,3}}", word) and 1 <= abs(int(word)) <= most for word in words):
        raise ValueError(f"{name}: numbers from 1 to {most}{', from the end with a minus' if sign else ''}.")
    return frozenset(map(int, words))


def _weekdays(parts: dict[str, str], frequency: str) -> frozenset[tuple[int, int]]:
    found = set()
    for word in parts["BYDAY"].split(",") if "BYDAY" in parts else []:
        match = _BY_DAY.fullmatch(word)
        if match is None:
            raise ValueError("BYDAY: days such as MO, or 1MO for the first.")
        ordinal = int(match[1] or 0)
        if match[1] and not 1 <= abs(ordinal) <= _ORDINALS.get(frequency, 0):
            raise ValueError(f"{word}: there is no such day in a rule that is {frequency.lower()}.")
        found.add((ordinal, _WEEKDAYS.index(match[2])))
    return frozenset(found)

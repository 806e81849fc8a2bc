"""Which day it is for a contact: by the time zone of its location, else by the zone of the business."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, any_, bindparam, or_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from services.contacts.finding.queries.fields import contacts
from services.contacts.finding.rules.days import Days, start_of

Bounds = tuple[Any, Any]


def among(column: Any, values: list[Any], kind: Any = Text) -> ColumnElement[bool]:
    """`column = ANY(array)`: one parameter however many values."""
    return column == any_(bindparam(None, values, type_=ARRAY(kind)))


class Almanac:
    """Turns days that are relative to today into constants for each zone, so that indexes can answer them."""

    def __init__(self, now: dt.datetime, business: ZoneInfo, of_locations: Mapping[str, ZoneInfo]) -> None:
        self.now, self.business = now, business
        self._elsewhere: dict[ZoneInfo, list[str]] = defaultdict(list)
        for location, zone in sorted(of_locations.items()):
            if zone != business:
                self._elsewhere[zone].append(location)

    @property
    def zones(self) -> list[ZoneInfo]:
        return [self.business, *self._elsewhere]

    def today(self, zone: ZoneInfo) -> dt.date:
        return self.now.astimezone(zone).date()

    def zone_of(self, location: str | None) -> ZoneInfo:
        return next((zone for zone, locations in self._elsewhere.items() if location in locations), self.business)

    def here(self, zone: ZoneInfo) -> ColumnElement[bool]:
        """Who is in this zone; whose location says nothing is in that of the business."""
        if zone == self.business:
            others = [location for locations in self._elsewhere.values() for location in locations]
            return among(contacts.c.location, others).isnot(True)
        return among(contacts.c.location, self._elsewhere[zone])

    def on_days(self, column: Any, days_of: Callable[[dt.date], Days]) -> ColumnElement[bool]:
        """The column, a date, is one of the days that follow from today."""
        return self._within(column, lambda zone: tuple(days_of(self.today(zone))))

    def in_days(self, column: Any, days_of: Callable[[dt.date], Days]) -> ColumnElement[bool]:
        """The column, a moment, is on one of the days that follow from today, as they begin and end in each zone."""

        def bounds(zone: ZoneInfo) -> Bounds:
            days = days_of(self.today(zone))
            return days.first and _moment(days.first, zone), days.after and _moment(days.after, zone)

        return self._within(column, bounds)

    def each(self, condition: Callable[[dt.date], ColumnElement[bool]]) -> ColumnElement[bool]:
        """A condition that follows from today in any other way."""
        by_day: dict[dt.date, list[ZoneInfo]] = defaultdict(list)
        for zone in self.zones:
            by_day[self.today(zone)].append(zone)
        if len(by_day) == 1:
            return condition(next(iter(by_day)))
        return or_(*(and_(self._in_any(zones), condition(day)) for day, zones in by_day.items()))

    def _within(self, column: Any, bounds_of: Callable[[ZoneInfo], Any]) -> ColumnElement[bool]:
        """Between constants: at large what an index can answer, and where zones differ, each zone's own."""
        by_bounds: dict[Bounds, list[ZoneInfo]] = defaultdict(list)
        for zone in self.zones:
            by_bounds[bounds_of(zone)].append(zone)
        if len(by_bounds) == 1:
            return between(column, *next(iter(by_bounds)))
        lows, highs = zip(*by_bounds, strict=True)
        at_large = between(column, None if None in lows else min(lows), None if None in highs else max(highs))
        each = (and_(self._in_any(zones), between(column, *bounds)) for bounds, zones in by_bounds.items())
        return and_(at_large, or_(*each))

    def _in_any(self, zones: list[ZoneInfo]) -> ColumnElement[bool]:
        return or_(*(self.here(zone) for zone in zones))


def between(column: Any, low: Any, high: Any) -> ColumnElement[bool]:
    """From `low` to before `high`; None is no bound."""
    tests = ([column >= low] if low is not None else []) + ([column < high] if high is not None else [])
    return and_(*tests) if tests else column.isnot(None)


def _moment(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """Its beginning there; the first and the last days of the calendar have none that a database could hold."""
    if day <= dt.date(1, 1, 2):
        return dt.datetime(1, 1, 2, tzinfo=dt.UTC)
    if day >= dt.date(9999, 12, 30):
        return dt.datetime(9999, 12, 30, tzinfo=dt.UTC)
    return start_of(day, zone)

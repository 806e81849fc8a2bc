"""The days of a report, and shares of whole numbers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from contracts.errors import Invalid

DAYS = 90
EARLIEST, LATEST = dt.date(1970, 1, 1), dt.date(9000, 1, 1)


@dataclass(frozen=True)
class Days:
    """Whole days of the business, both ends included."""

    since: dt.date
    until: dt.date
    zone: ZoneInfo

    @property
    def begin(self) -> dt.datetime:
        """The first moment that belongs to them."""
        return dt.datetime.combine(self.since, dt.time.min, self.zone)

    @property
    def end(self) -> dt.datetime:
        """The first moment that does not belong to them any more."""
        return dt.datetime.combine(self.until + dt.timedelta(days=1), dt.time.min, self.zone)

    @property
    def told(self) -> dict[str, Any]:
        """As an answer says them."""
        return {"since": self.since, "until": self.until, "time_zone": self.zone.key}


def days_of(request: Any, now: dt.datetime, zone: ZoneInfo) -> Days:
    """The period that was asked for, or the 90 days up to today."""
    for name in ("since", "until"):
        if name in request and not EARLIEST <= request[name] <= LATEST:
            raise Invalid.field(f"/{name}", f"It lies between {EARLIEST} and {LATEST}.")
    until = request.until or now.astimezone(zone).date()
    since = request.since or until - dt.timedelta(days=DAYS - 1)
    if since > until:
        raise Invalid.field("/since", "It lies behind the end of the period.")
    return Days(since, until, zone)


def share(part: int, whole: int) -> float | None:
    """A part of a whole to four digits, None of nothing."""
    return round(part / whole, 4) if whole else None


def expected(value: int, won: int, lost: int) -> int | None:
    """What may come of a value, rounded down, by how many of those decided were won; None while nobody was."""
    return value * won // (won + lost) if won + lost else None

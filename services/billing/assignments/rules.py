"""When what was sold for a time is over."""

from __future__ import annotations

import datetime as dt
from typing import Any

LAST_PLACE = dt.timezone(dt.timedelta(hours=-12))
"""Where a day ends last: credits are used by the date of a location, wherever that is."""


def last_day_over(now: dt.datetime) -> dt.date:
    """The day before which every last day is over everywhere."""
    return now.astimezone(LAST_PLACE).date()


def over_since(expires_on: dt.date) -> dict[str, Any]:
    """Why it ended, and since when."""
    midnight = dt.datetime.combine(expires_on + dt.timedelta(days=1), dt.time(), LAST_PLACE)
    return {"reason": "it expired", "ended_at": midnight.astimezone(dt.UTC)}

"""When a card is over."""

from __future__ import annotations

import datetime as dt

LAST_ZONE = dt.timedelta(hours=12)
"""A month is over when it is over everywhere (decision 0303)."""


def is_expired(expires: str | None, now: dt.datetime) -> bool:
    """Whether the card's last month, `2030-12`, has passed."""
    return expires is not None and expires < (now.astimezone(dt.UTC) - LAST_ZONE).strftime("%Y-%m")

"""What stands against archiving a contact, as far as its facts tell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any


def blockers(facts: Mapping[str, Any], *, now: dt.datetime) -> list[str]:
    """Every reason, not only the first."""
    against = {
        "There are unsettled dues.": facts["dues"] > 0,
        "There is a subscription that is not over.": facts["subscription_state"] in ("active", "paused", "past_due"),
        "There is an upcoming booking.": facts["last_booking_at"] is not None and facts["last_booking_at"] > now,
    }
    return [reason for reason, holds in against.items() if holds]

"""What stands against archiving a contact, as far as its facts and bookings tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def blockers(facts: Mapping[str, Any], *, is_booked: bool) -> list[str]:
    """Every reason, not only the first; of somebody new no facts may be known yet."""
    against = {
        "There are unsettled dues.": facts.get("dues", 0) > 0,
        "There is a subscription that is not over.": facts.get("subscription_state")
        in ("active", "paused", "past_due"),
        "There is an upcoming booking.": is_booked,
    }
    return [reason for reason, holds in against.items() if holds]

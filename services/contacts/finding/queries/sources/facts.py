"""What events add up to: payments, memberships, activity, engagement."""

from __future__ import annotations

from typing import Any

from contracts.contacts.facts import SUBSCRIPTION_STATES
from services.contacts.facts.rules import BILLED, SEES_MONEY
from services.contacts.finding.queries.fields import Field, facts

_PAYMENTS, _MEMBERSHIPS, _ACTIVITY, _ENGAGEMENT = "Payments", "Memberships", "Activity", "Engagement"


def _fact(name: str, label: str, kind: str, section: str, **options: Any) -> Field:
    return Field(
        name=name, label=label, type=kind, section=section, column=facts.c[name], of_facts=True,
        needs=SEES_MONEY if name in BILLED else None, **options,
    )  # fmt: skip


def _number(name: str, label: str, section: str) -> Field:
    return _fact(name, label, "number", section, absent=0)


FIELDS = (
    _number("lifetime_value", "Lifetime value (minor units)", _PAYMENTS),
    _number("purchases", "Purchases", _PAYMENTS),
    _fact("first_purchase_at", "First purchase", "moment", _PAYMENTS),
    _fact("last_purchase_at", "Last purchase", "moment", _PAYMENTS),
    _number("dues", "Dues (minor units)", _PAYMENTS),
    _fact("subscription_state", "Subscription", "choice", _MEMBERSHIPS, choices=SUBSCRIPTION_STATES),
    _fact("had_subscription", "Ever had a subscription", "yes_no", _MEMBERSHIPS, absent=False),
    _fact("membership", "Package", "text", _MEMBERSHIPS),
    _fact("pricing_option", "Pricing option", "text", _MEMBERSHIPS),
    _fact("membership_expires_on", "Membership expires", "date", _MEMBERSHIPS),
    _fact("trial", "Is on a trial", "yes_no", _MEMBERSHIPS, absent=False),
    _fact("stage", "Stage", "text", _ENGAGEMENT),
    _number("bookings", "Bookings", _ACTIVITY),
    _number("visits", "Visits", _ACTIVITY),
    _number("cancellations", "Cancellations", _ACTIVITY),
    _number("late_cancellations", "Late cancellations", _ACTIVITY),
    _number("no_shows", "No-shows", _ACTIVITY),
    _fact("first_booking_at", "First booking", "moment", _ACTIVITY),
    _fact("last_booking_at", "Last booking", "moment", _ACTIVITY, sorted=True),
    _fact("last_visit_at", "Last visit", "moment", _ACTIVITY, sorted=True),
    _fact("last_contact_at", "Last contact", "moment", _ENGAGEMENT, sorted=True),
    _fact("last_contact_channel", "Channel of the last contact", "text", _ENGAGEMENT),
    _fact("last_activity_at", "Last activity", "moment", _ENGAGEMENT, sorted=True),
)

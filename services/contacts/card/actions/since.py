"""Since when somebody is a customer, as the business knows it from before it wrote here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from contracts.errors import Forbidden, Invalid
from services.contacts.contact.judging import grounds_of
from services.contacts.contact.model import Contact
from services.contacts.contact.rules import customer_since
from services.contacts.settings.queries import business_zone, setting_now

CORRECTS = "contacts.correct"
_EARLIEST = dt.date(1900, 1, 1)


def since_when(work: Any, told: Mapping[Contact, dt.date | None]) -> dict[Contact, dt.date | None]:
    """The day that is shown of each contact that is held, when this is what is told of it; two statements for all."""
    if not told:
        return {}
    policy = setting_now(work, "lifecycle_policy")
    grounds = grounds_of(work, [contact.id for contact in told])
    return {
        contact: customer_since(
            grounds.get(contact.id, []), day, policy=policy, first_booked_at=contact.first_booked_at
        )
        for contact, day in told.items()
    }  # fmt: skip


def refuse_day(work: Any, contact: Contact, day: dt.date | None) -> None:
    """A correction is for who runs the place; the day may be earlier than what was paid for says, but not later."""
    if not work.actor.may(CORRECTS):
        raise Forbidden(f"Correcting since when somebody is a customer needs the permission {CORRECTS}.")
    if day is None:
        return
    if not _EARLIEST <= day <= work.now.astimezone(business_zone(work)).date():
        raise Invalid.field("/customer_since", f"Between {_EARLIEST} and today.")
    vouched = since_when(work, {contact: None})[contact]
    if vouched and day > vouched:
        raise Invalid.field("/customer_since", f"Customer since {vouched} by what they bought; it may only be earlier.")

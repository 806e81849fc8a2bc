"""What a contact said last to each channel and purpose; never asked is neither yes nor no."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from contracts.contacts.words import CHANNELS, PURPOSES
from services.contacts.club_access.model import ClubAccess
from services.contacts.consent.model import Consent, Preference
from services.contacts.finding.queries.fields import Field, contacts

_said: Any = Consent.__table__
_preferences: Any = Preference.__table__
_access: Any = ClubAccess.__table__


def _last_said(channel: str, purpose: str) -> Any:
    said = select(_said.c.granted).where(
        _said.c.contact_id == contacts.c.id, _said.c.channel == channel, _said.c.about == purpose
    )
    return said.order_by(_said.c.number.desc()).limit(1).correlate(contacts).scalar_subquery()


FIELDS = (
    *(
        Field(
            name=f"consent_{channel}_{purpose}",
            label=f"Agreed to {purpose} by {channel}",
            type="yes_no",
            section="Consent",
            column=_last_said(channel, purpose),
        )
        for channel in CHANNELS
        for purpose in PURPOSES
    ),
    Field(
        name="preferred_contact_method",
        label="Preferred contact method",
        type="choice",
        section="Consent",
        choices=CHANNELS,
        column=select(_preferences.c.preferred_contact_method)
        .where(_preferences.c.contact_id == contacts.c.id)
        .correlate(contacts)
        .scalar_subquery(),
    ),
    Field(
        name="club_access",
        label="May enter",
        type="set",
        section="Memberships",
        column=_access.c.locations,
        through=select(_access.c.contact_id).where(
            _access.c.contact_id == contacts.c.id, ~_access.c.suspended, _access.c.locations != []
        ),
        among=_access.c.locations.overlap,
    ),
)

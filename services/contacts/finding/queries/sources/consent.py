"""What a contact said last to each channel and purpose; never asked is neither yes nor no."""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists, literal, select

from contracts.contacts.words import CHANNELS, PURPOSES
from services.contacts.club_access.model import ClubAccess
from services.contacts.consent.model import Consent, Preference
from services.contacts.finding.queries.fields import Field, contacts

_said: Any = Consent.__table__
_preferences: Any = Preference.__table__
_access: Any = ClubAccess.__table__


def _last_said(channel: str, purpose: str) -> Any:
    """What was said and nothing later: so it can be looked for by purpose, and not contact by contact."""
    later = _said.alias("later")
    of_this, of_later = ((one.c.channel == channel, one.c.about == purpose) for one in (_said, later))
    said_since = (
        select(literal(1))
        .select_from(later)
        .where(later.c.contact_id == _said.c.contact_id, *of_later, later.c.number > _said.c.number)
    )
    said = select(literal(1)).select_from(_said).where(_said.c.contact_id == contacts.c.id, *of_this)
    return said.where(~exists(said_since.correlate(_said)))


FIELDS = (
    *(
        Field(
            name=f"consent_{channel}_{purpose}",
            label=f"Agreed to {purpose} by {channel}",
            type="yes_no",
            section="Consent",
            column=_said.c.granted,
            through=_last_said(channel, purpose),
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
        column=_preferences.c.preferred_contact_method,
        through=select(literal(1))
        .select_from(_preferences)
        .where(_preferences.c.contact_id == contacts.c.id, _preferences.c.preferred_contact_method.is_not(None)),
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

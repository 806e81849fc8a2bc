"""Consent: what a contact agreed to and when, how they want to be reached, and whether something may be sent."""

from __future__ import annotations

import datetime as dt
from typing import Any

from marshmallow import fields, validate

from contracts.billing.card_numbers import NoCardNumbers
from contracts.contacts.words import CHANNELS, PURPOSES
from contracts.errors import Conflict, Forbidden, Invalid, Merged, NotFound, Stale
from contracts.language import Boolean, Event, Id, Moment, PageRequest, Rpc, Schema, Sort, Text, page_of

ABOUT = (*PURPOSES, "preferred_contact_method", "emergency_contacts", "signup")
"""What an entry of the ledger may be about; only the purposes have a channel."""


class Said(Moment):
    """An instant, or a plain day, which is read as its beginning in UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dt.datetime:
        if isinstance(value, str) and len(value) == 10:
            value += "T00:00:00Z"
        return super()._deserialize(value, attr, data, **kwargs)


class ConsentGiven(Schema):
    """How and when the contact agreed to what a team member writes down for them."""

    how = Text(required=True, min=1, max=200, metadata={"description": "such as: by phone, in person, paper form"})
    when = Said(required=True)
    note = Text(max=1000, multiline=True)
    text = Text(max=10_000, multiline=True, metadata={"description": "the words that they were shown"})


class ConsentEntry(Schema):
    """One line of the ledger: never changed, never taken away; what was said last holds."""

    id = Id(required=True)
    channel = fields.String(required=True, allow_none=True)
    about = fields.String(required=True)
    granted = Boolean(required=True)
    said_at = Moment(required=True, metadata={"description": "when the contact said so"})
    how = fields.String(required=True, allow_none=True)
    text = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    source = fields.String(required=True, metadata={"description": "where it came in, such as preferences or signup"})
    recorded_at = Moment(required=True)
    recorded_by = fields.String(required=True, allow_none=True)
    recorded_by_name = fields.String(required=True, allow_none=True)
    from_address = fields.String(required=True, allow_none=True)


class Verdict(Schema):
    """Whether it may be sent, and why; `entry` is the line of the ledger that decides, if one does."""

    allowed = Boolean(required=True)
    because = fields.String(required=True)
    since = Moment(required=True, allow_none=True)
    entry = fields.Nested(ConsentEntry, required=True, allow_none=True)


class Choice(Schema):
    """One purpose on one channel; `said` is null where the contact never said anything and the rule decides."""

    allowed = Boolean(required=True)
    said = Boolean(required=True, allow_none=True)
    since = Moment(required=True, allow_none=True)


_Choices = Schema.from_dict({purpose: fields.Nested(Choice, required=True) for purpose in PURPOSES}, name="Choices")
_Channels = Schema.from_dict({name: fields.Nested(_Choices, required=True) for name in CHANNELS}, name="Channels")
_Wishes = Schema.from_dict({purpose: Boolean() for purpose in PURPOSES}, name="Wishes")
_WishesOfAll = Schema.from_dict({name: fields.Nested(_Wishes) for name in CHANNELS}, name="WishesByChannel")


class Preferences(Schema):
    """What a contact wishes; the standing is left out of account here, not in `may_send`."""

    contact_id = Id(required=True)
    preferred_contact_method = fields.String(required=True, allow_none=True, validate=validate.OneOf(CHANNELS))
    channels = fields.Nested(_Channels, required=True)
    version = fields.Integer(required=True)


class OfContact(Schema):
    contact_id = Id(required=True)


class ChangePreferences(NoCardNumbers):
    """A merge-patch. A team member says how and when the contact agreed; a member who changes their own does not."""

    contact_id = Id(required=True)
    preferred_contact_method = fields.String(allow_none=True, validate=validate.OneOf(CHANNELS))
    channels = fields.Nested(_WishesOfAll)
    consent = fields.Nested(ConsentGiven)


class MaySend(Schema):
    contact_id = Id(required=True)
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    purpose = fields.String(required=True, validate=validate.OneOf(PURPOSES))


class ListConsents(PageRequest):
    contact_id = Id(required=True)
    channel = fields.String(validate=validate.OneOf(CHANNELS))
    about = fields.String(validate=validate.OneOf(ABOUT))
    sort = Sort("newest", "oldest")


get_preferences = Rpc(
    "contacts", "get_preferences", needs="preferences.read", takes=OfContact, gives=Preferences,
    raises=(NotFound, Merged), writes=False,
)  # fmt: skip
change_preferences = Rpc(
    "contacts", "change_preferences", needs="preferences.write", takes=ChangePreferences, gives=Preferences,
    raises=(NotFound, Merged, Conflict, Invalid, Forbidden, Stale),
    about="Every wish that is another than before becomes a line of the ledger. A team member has to say in `consent` "
    "how and when the contact agreed.",
)  # fmt: skip
may_send = Rpc(
    "contacts", "may_send", needs="preferences.read", takes=MaySend, gives=Verdict, raises=(NotFound, Merged, Invalid),
    writes=False,
    about="May we send this to this contact now, and why. Transactional messages and reminders may be sent unless the "
    "contact said no, marketing only when they said yes; to an archived contact nothing.",
)  # fmt: skip
list_consents = Rpc(
    "contacts", "list_consents", needs="preferences.read", takes=ListConsents, gives=page_of(ConsentEntry),
    raises=(NotFound, Merged, Invalid), writes=False, about="The ledger, the newest line first.",
)  # fmt: skip


class ConsentChanged(Schema):
    entry_id = Id(required=True)
    channel = fields.String(required=True)
    purpose = fields.String(required=True)
    before = Boolean(allow_none=True, metadata={"description": "null: nothing was said of it before"})
    granted = Boolean(required=True)
    said_at = Moment(required=True)
    how = fields.String(allow_none=True)
    source = fields.String(required=True)


class ContactMethodPreferred(Schema):
    before = fields.String(required=True, allow_none=True)
    after = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)


consent_changed = Event(
    "contacts", "consent.changed", data=ConsentChanged, about="What the contact said of one purpose on one channel."
)
contact_method_preferred = Event("contacts", "preferences.changed", data=ContactMethodPreferred)

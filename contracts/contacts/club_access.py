"""Club access: the locations that a customer may enter."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.contacts.people import ContactId
from contracts.errors import Conflict, Invalid, Merged, NotFound, Stale
from contracts.language import Boolean, Event, Id, Rpc, Schema, Text


class SetClubAccess(Schema):
    """Locations by key or name, in place of those before; none at all takes the access away."""

    contact_id = Id(required=True)
    locations = fields.List(Text(min=1, max=100), required=True, validate=validate.Length(max=500))


class ClubAccess(Schema):
    """`suspended`: the contact is no customer at present and may enter nowhere; the locations come back with that."""

    contact_id = Id(required=True)
    locations = fields.List(fields.String(), required=True, metadata={"description": "keys of locations"})
    suspended = Boolean(required=True)
    version = fields.Integer(required=True)


class ClubAccessChanged(Schema):
    """Where the contact may enter now and before, by key; nowhere while suspended. `reason` says what changed it."""

    before = fields.List(fields.String(), required=True)
    after = fields.List(fields.String(), required=True)
    reason = fields.String(required=True)
    version = fields.Integer(required=True)


get_club_access = Rpc(
    "contacts", "get_club_access", needs="contacts.read", takes=ContactId, gives=ClubAccess, raises=(NotFound, Merged),
    writes=False,
)  # fmt: skip
set_club_access = Rpc(
    "contacts", "set_club_access", needs="contacts.write", takes=SetClubAccess, gives=ClubAccess,
    raises=(Invalid, NotFound, Merged, Conflict, Stale),
    about="For customers only. Whoever stops being one keeps the locations, suspended until they are one again.",
)  # fmt: skip

club_access_changed = Event(
    "contacts", "club_access.changed", data=ClubAccessChanged, about="Where a contact may enter is another now."
)

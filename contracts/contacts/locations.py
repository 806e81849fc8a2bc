"""The places where the business is; a contact's `location` is the key of one of them, once there are any."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.contacts.people import Address, AddressGiven
from contracts.errors import Conflict, Invalid, NotFound, Stale
from contracts.language import Boolean, Changes, Event, Id, Moment, PageRequest, Rpc, Schema, Sort, Text, page_of

LOCATION_KEY = validate.Regexp(r"\A[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?\Z", error="Lower-case letters, digits, hyphens.")


class CreateLocation(Schema):
    """`key` is made of the name where none is given; it never changes and is never given to another."""

    name = Text(required=True, min=1, max=100)
    key = fields.String(validate=LOCATION_KEY)
    time_zone = Text(max=100, metadata={"description": "IANA name; the business' own where none is given"})
    address = fields.Nested(AddressGiven, allow_none=True)


class ChangeLocation(Schema):
    """A merge-patch. An archived location keeps its contacts and takes no new ones."""

    location_id = Id(required=True)
    name = Text(min=1, max=100)
    time_zone = Text(max=100, allow_none=True)
    address = fields.Nested(AddressGiven, allow_none=True)
    archived = Boolean()


class LocationId(Schema):
    location_id = Id(required=True)


class ListLocations(PageRequest):
    """`archived` lists the archived ones instead."""

    archived = Boolean(load_default=False)
    q = Text(max=100, metadata={"description": "any part of the name"})
    sort = Sort("name", "-name", "newest", "oldest")


class Location(Schema):
    id = Id(required=True)
    key = fields.String(required=True)
    name = fields.String(required=True)
    time_zone = fields.String(required=True, allow_none=True)
    address = fields.Nested(Address, required=True, allow_none=True)
    archived = Boolean(required=True)
    created_at = Moment(required=True)
    version = fields.Integer(required=True)


class LocationTold(Schema):
    """A location as it is told; `time_zone` null is the business' own."""

    location_id = Id(required=True)
    key = fields.String(required=True)
    name = fields.String(required=True)
    time_zone = fields.String(required=True, allow_none=True)
    archived = Boolean(required=True)
    version = fields.Integer(required=True)


class LocationChanged(LocationTold):
    changes = Changes()


create_location = Rpc(
    "contacts", "create_location", needs="settings.manage", takes=CreateLocation, gives=Location,
    raises=(Invalid, Conflict),
    about="From the first one on, a contact's location is a location's name or key. Who was there by that name before "
    "is put at it, as a job; anything else that was typed before stays.",
)  # fmt: skip
get_location = Rpc(
    "contacts", "get_location", needs="settings.read", takes=LocationId, gives=Location, raises=(NotFound,),
    writes=False,
)  # fmt: skip
change_location = Rpc(
    "contacts", "change_location", needs="settings.manage", takes=ChangeLocation, gives=Location,
    raises=(Invalid, NotFound, Conflict, Stale),
)  # fmt: skip
list_locations = Rpc(
    "contacts", "list_locations", needs="settings.read", takes=ListLocations, gives=page_of(Location),
    raises=(Invalid,), writes=False,
)  # fmt: skip

location_created = Event("contacts", "location.created", data=LocationTold, about="It is about no one contact.")
location_changed = Event("contacts", "location.changed", data=LocationChanged, about="It is about no one contact.")

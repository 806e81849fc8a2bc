"""Emergency contacts: whom to call when something happens."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.billing.card_numbers import NoCardNumbers
from contracts.contacts.consent import ConsentGiven, Said
from contracts.contacts.introducing import Named
from contracts.contacts.people import PhoneGiven
from contracts.errors import Conflict, Forbidden, Invalid, Merged, NotFound, Stale
from contracts.language import Boolean, Changes, Event, Id, Moment, PageRequest, Rpc, Schema, Sort, Text, page_of

MOST_PHONES = 5


class EmergencyPhone(Schema):
    """`value` in E.164, `as_typed` as it was given."""

    value = fields.String(required=True)
    as_typed = fields.String(required=True)
    label = fields.String(required=True)


class EmergencyContact(Schema):
    """`person` is the contact of their own, where they have one."""

    id = Id(required=True)
    contact_id = Id(required=True)
    name = fields.String(required=True)
    relationship = fields.String(required=True)
    phones = fields.List(fields.Nested(EmergencyPhone), required=True)
    person = fields.Nested(Named, required=True, allow_none=True)
    version = fields.Integer(required=True)
    created_at = Moment(required=True)


class AddEmergencyContact(NoCardNumbers):
    """A name and a phone are needed, unless `person_id` is a contact who has them.

    With `create_contact` they become a contact of their own, with the acquisition `emergency_contact`.
    """

    contact_id = Id(required=True)
    name = Text(min=1, max=200)
    relationship = Text(max=100, load_default="")
    phones = fields.List(fields.Nested(PhoneGiven), validate=validate.Length(1, MOST_PHONES))
    person_id = Id()
    create_contact = Boolean(load_default=False)
    consent = fields.Nested(ConsentGiven)


class EmergencyContactId(Schema):
    emergency_contact_id = Id(required=True)


class ChangeEmergencyContact(EmergencyContactId, NoCardNumbers):
    """A merge-patch; the list of phones is replaced as a whole."""

    name = Text(min=1, max=200)
    relationship = Text(max=100)
    phones = fields.List(fields.Nested(PhoneGiven), validate=validate.Length(1, MOST_PHONES))
    person_id = Id(allow_none=True)
    consent = fields.Nested(ConsentGiven)


class RemoveEmergencyContact(EmergencyContactId):
    """A team member says here how and when the contact agreed, since a DELETE has no body."""

    how = Text(min=1, max=200)
    when = Said()
    note = Text(max=1000)


class ListEmergencyContacts(PageRequest):
    contact_id = Id(required=True)
    sort = Sort("oldest", "newest")


_CONSENT = "A team member says in `consent` how and when the contact agreed; a member does it for themselves."

add_emergency_contact = Rpc(
    "contacts", "add_emergency_contact", needs="emergency.write", takes=AddEmergencyContact, gives=EmergencyContact,
    raises=(NotFound, Merged, Conflict, Invalid, Forbidden), about=_CONSENT,
)  # fmt: skip
get_emergency_contact = Rpc(
    "contacts", "get_emergency_contact", needs="emergency.read", takes=EmergencyContactId, gives=EmergencyContact,
    raises=(NotFound,), writes=False,
)  # fmt: skip
list_emergency_contacts = Rpc(
    "contacts", "list_emergency_contacts", needs="emergency.read", takes=ListEmergencyContacts,
    gives=page_of(EmergencyContact), raises=(NotFound, Merged, Invalid), writes=False,
)  # fmt: skip
change_emergency_contact = Rpc(
    "contacts", "change_emergency_contact", needs="emergency.write", takes=ChangeEmergencyContact,
    gives=EmergencyContact, raises=(NotFound, Merged, Conflict, Invalid, Forbidden, Stale), about=_CONSENT,
)  # fmt: skip
remove_emergency_contact = Rpc(
    "contacts", "remove_emergency_contact", needs="emergency.write", takes=RemoveEmergencyContact,
    raises=(NotFound, Merged, Conflict, Invalid, Stale), about=_CONSENT,
)  # fmt: skip


class EmergencyContactTold(Schema):
    emergency_contact_id = Id(required=True)
    name = fields.String(required=True)
    relationship = fields.String(required=True)
    person_id = Id(required=True, allow_none=True)
    version = fields.Integer(required=True)


class EmergencyContactChanged(EmergencyContactTold):
    changes = Changes()


_NAMES = ("name", "relationship")
emergency_contact_added = Event(
    "contacts", "emergency_contact.added", data=EmergencyContactTold, personal=_NAMES
)  # fmt: skip
emergency_contact_changed = Event(
    "contacts", "emergency_contact.changed", data=EmergencyContactChanged, personal=(*_NAMES, "changes")
)  # fmt: skip
emergency_contact_removed = Event(
    "contacts", "emergency_contact.removed", data=EmergencyContactTold, personal=_NAMES
)  # fmt: skip

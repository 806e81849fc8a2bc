"""People and companies: entering, reading, changing and finding them, and what is announced of it."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from contracts.contacts.consent import ConsentGiven
from contracts.contacts.words import (
    ACQUISITIONS,
    ENTERED_AS,
    KINDS,
    LEAD_STATUSES,
    LIFECYCLES,
    STANDINGS,
)
from contracts.errors import Conflict, Forbidden, Invalid, Merged, NotFound, Stale
from contracts.language import Boolean, Event, Id, Moment, Rpc, Schema, Text, in_the_name_of

LIMIT_OF_EACH = 20
"""So many e-mails, phones and addresses at most has one contact."""


class EmailGiven(Schema):
    """An e-mail address as typed; one is `primary`: the first where none is said to be, and two are refused."""

    value = Text(required=True, min=3, max=254)
    label = Text(max=50, load_default="")
    primary = Boolean()


class PhoneGiven(Schema):
    """A number as typed; a national one is read by `region`, else by the primary address, else by the setting.

    One is `primary`, as of e-mail addresses.
    """

    value = Text(required=True, min=2, max=60)
    label = Text(max=50, load_default="")
    region = Text(max=2, metadata={"description": "ISO 3166-1 alpha-2"})
    primary = Boolean()


class AddressGiven(Schema):
    """A postal address; `country` is an ISO 3166-1 alpha-2 code. One is `primary`, as of e-mail addresses."""

    label = Text(max=50, load_default="")
    street = Text(max=300, multiline=True, load_default="")
    city = Text(max=120, load_default="")
    region = Text(max=120, load_default="")
    postal_code = Text(max=30, load_default="")
    country = Text(max=2, load_default="")
    primary = Boolean()


class Email(Schema):
    """`value` as it was typed."""

    value = fields.String(required=True)
    label = fields.String()
    primary = Boolean()


class Phone(Schema):
    """`value` in E.164, `as_typed` as it was given."""

    value = fields.String(required=True)
    as_typed = fields.String()
    label = fields.String()
    primary = Boolean()


class Address(Schema):
    label = fields.String()
    street = fields.String()
    city = fields.String()
    region = fields.String()
    postal_code = fields.String()
    country = fields.String()
    primary = Boolean()


class Lifecycle(Schema):
    """Derived, never typed in: `reason` says why in a sentence, `since` from when on."""

    state = fields.String(required=True, validate=validate.OneOf(LIFECYCLES))
    reason = fields.String(required=True)
    since = Moment(required=True)


class PhotoShown(Schema):
    """`path` needs no token and works until `expires_at`; then `GET /contacts/<id>/photo` has a new one."""

    path = fields.String(required=True)
    expires_at = Moment(required=True)


class NextStep(Schema):
    """What is to be done next at the desk: `draft_order` is the point of sale."""

    kind = fields.String(required=True)
    contact_id = Id(required=True)
    reason = fields.String(required=True)


def _custom_values(**options: Any) -> dict[str, fields.Field]:
    """The business's own fields by key; a member of this name cannot be written in a class, whose word it is."""
    keys = fields.String(validate=validate.Length(1, 50))
    return {"fields": fields.Dict(keys=keys, values=fields.Raw(allow_none=True), **options)}


class KnownAs(Schema):
    system = fields.String(required=True)
    value = fields.String(required=True)


class Contact(Schema.from_dict(_custom_values(), name="HasCustomFields")):  # type: ignore[misc]
    """A person or a company, whole; `fields` are the business's own, by key."""

    id = Id(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    display_name = fields.String(required=True)
    first_name = fields.String(allow_none=True)
    last_name = fields.String(allow_none=True)
    preferred_name = fields.String(allow_none=True)
    name = fields.String(allow_none=True, metadata={"description": "the name of a company"})
    emails = fields.List(fields.Nested(Email))
    phones = fields.List(fields.Nested(Phone))
    addresses = fields.List(fields.Nested(Address))
    photo = fields.Nested(PhotoShown, allow_none=True)
    birthday = fields.Date(allow_none=True)
    gender = fields.String(allow_none=True)
    website = fields.String(allow_none=True)
    industry = fields.String(allow_none=True)
    size = fields.String(allow_none=True, metadata={"description": "how many work there, such as 12 or 11-50"})
    lifecycle = fields.Nested(Lifecycle)
    lead_status = fields.String(allow_none=True, validate=validate.OneOf(LEAD_STATUSES))
    standing = fields.String(validate=validate.OneOf(STANDINGS))
    membership_number = fields.String(allow_none=True)
    customer_since = fields.Date(allow_none=True)
    entered_as = fields.String(validate=validate.OneOf(ENTERED_AS))
    acquisition = fields.String(validate=validate.OneOf(ACQUISITIONS))
    studio_controlled = Boolean(metadata={"description": "entered by the business itself: manual or import"})
    source = fields.String(allow_none=True)
    location = fields.String(allow_none=True)
    assigned_to = Id(allow_none=True)
    version = fields.Integer(required=True)
    created_at = Moment()
    created_by = fields.String(allow_none=True)
    changed_at = Moment()
    external_ids = fields.List(
        fields.Nested(KnownAs), metadata={"description": "under which other systems know it; not in lists"}
    )
    next_step = fields.Nested(NextStep, metadata={"description": "only in the answer to entering a customer"})


def _some(item: type[Schema], **options: Any) -> fields.Field:
    return fields.List(fields.Nested(item), validate=validate.Length(max=LIMIT_OF_EACH), **options)


def _profile(**options: Any) -> dict[str, Any]:
    """The fields that are typed in alike when a contact is created and when it is changed."""
    return {
        "first_name": Text(max=100, **options),
        "last_name": Text(max=100, **options),
        "preferred_name": Text(max=100, **options),
        "name": Text(max=200, metadata={"description": "of a company"}, **options),
        "emails": _some(EmailGiven, **options),
        "phones": _some(PhoneGiven, **options),
        "addresses": _some(AddressGiven, **options),
        "birthday": fields.Date(**options),
        "gender": Text(max=40, **options),
        "website": Text(max=300, **options),
        "industry": Text(max=100, **options),
        "size": Text(max=50, metadata={"description": "of a company: how many work there, as 12 or 11-50"}, **options),
        "source": Text(max=100, **options),
        "location": Text(max=100, **options),
        "assigned_to": Id(**options),
        **_custom_values(
            validate=validate.Length(max=200),
            metadata={"description": "custom fields by key; a merge-patch: null takes a value away"},
            **options,
        ),
    }


class EmergencyGiven(Schema):
    """Somebody to call; with `create_contact` they become a contact of their own."""

    name = Text(required=True, min=1, max=200)
    relationship = Text(max=100, load_default="")
    phones = fields.List(fields.Nested(PhoneGiven), required=True, validate=validate.Length(1, 5))
    create_contact = Boolean(load_default=False)


class CreateContact(Schema.from_dict(_profile(), name="TypedIn")):  # type: ignore[misc]
    """Entering a person or a company by hand; with whom to call, `consent` says how and when the contact agreed."""

    kind = fields.String(load_default="person", validate=validate.OneOf(KINDS))
    enter_as = fields.String(load_default="lead", validate=validate.OneOf(ENTERED_AS))
    not_duplicate_of = fields.List(Id(), validate=validate.Length(max=50))
    emergency_contacts = fields.List(fields.Nested(EmergencyGiven), validate=validate.Length(max=5))
    consent = fields.Nested(ConsentGiven)
    asked_by = in_the_name_of()


class ContactId(Schema):
    contact_id = Id(required=True)


class ChangeContact(Schema.from_dict(_profile(allow_none=True), name="Retyped")):  # type: ignore[misc]
    """A merge-patch: what is given is replaced, null takes away, a list replaces the whole list, null all of it."""

    contact_id = Id(required=True)
    lead_status = fields.String(validate=validate.OneOf(LEAD_STATUSES))
    customer_since = fields.Date(
        allow_none=True,
        metadata={
            "description": "corrects the day, which may be earlier than what was bought here says, but not later; "
            "null: what was bought says it. Needs the permission contacts.correct"
        },
    )
    not_duplicate_of = fields.List(Id(), validate=validate.Length(max=50))
    asked_by = in_the_name_of()


create_contact = Rpc(
    "contacts", "create_contact", needs="contacts.write", takes=CreateContact, gives=Contact,
    raises=(Invalid, Conflict, Forbidden), incidental=("asked_by",),
    about="A lead needs an active team member. An exact duplicate (same e-mail, or same phone and name) is refused "
    "with `existing_id`, unless `not_duplicate_of` names the record found; that answer is remembered.",
)  # fmt: skip
get_contact = Rpc(
    "contacts", "get_contact", needs="contacts.read", takes=ContactId, gives=Contact, raises=(NotFound, Merged),
    writes=False,
)  # fmt: skip
change_contact = Rpc(
    "contacts", "change_contact", needs="contacts.write", takes=ChangeContact, gives=Contact,
    raises=(Invalid, NotFound, Merged, Conflict, Stale, Forbidden), incidental=("asked_by",),
    about="Changing nothing makes no new version and no event.",
)  # fmt: skip


class ContactCreated(Schema):
    kind = fields.String(required=True)
    display_name = fields.String(required=True)
    entered_as = fields.String(required=True)
    acquisition = fields.String(required=True)
    source = fields.String(allow_none=True)
    assigned_to = Id(allow_none=True)
    location = fields.String(allow_none=True)
    version = fields.Integer(required=True)


class ContactChanged(Schema):
    """`changes` is `{field: {"before": …, "after": …}}`; archiving changes the standing, and has a `reason`."""

    changes = fields.Dict(keys=fields.String(), values=fields.Dict(keys=fields.String()), required=True)
    display_name = fields.String(required=True)
    version = fields.Integer(required=True)
    reason = fields.String(allow_none=True)


class ContactLifecycleChanged(Schema):
    before = fields.String(required=True)
    after = fields.String(required=True)
    reason = fields.String(required=True)
    since = Moment(required=True)
    membership_number = fields.String(allow_none=True)
    version = fields.Integer(required=True)


contact_created = Event("contacts", "contact.created", data=ContactCreated, personal=("display_name",))
contact_changed = Event("contacts", "contact.changed", data=ContactChanged, personal=("display_name", "changes"))
contact_lifecycle_changed = Event("contacts", "contact.lifecycle_changed", data=ContactLifecycleChanged)

"""The business's own fields of a contact, each with a type; their values stand in a contact's `fields` by key."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.errors import Conflict, Invalid, NotFound, Stale
from contracts.language import Boolean, Changes, Event, Id, Moment, PageRequest, Rpc, Schema, Sort, Text, page_of

FIELD_TYPES = ("text", "number", "date", "choice", "yes_no")
APPLIES_TO = ("person", "company", "both")
FIELD_KEY = validate.Regexp(r"\A[a-z][a-z0-9_]{0,49}\Z", error="A letter, then letters, digits, underscores.")
CHOICES = validate.Length(1, 200)


class CreateCustomField(Schema):
    """`key` is made of the label where none is given; key and type never change. A choice needs its `choices`."""

    label = Text(required=True, min=1, max=100)
    key = fields.String(validate=FIELD_KEY)
    type = fields.String(required=True, validate=validate.OneOf(FIELD_TYPES))
    choices = fields.List(Text(min=1, max=100), validate=CHOICES)
    applies_to = fields.String(load_default="both", validate=validate.OneOf(APPLIES_TO))


class ChangeCustomField(Schema):
    """A merge-patch; `choices` replaces the whole list. An archived field keeps its values and takes no new ones."""

    custom_field_id = Id(required=True)
    label = Text(min=1, max=100)
    choices = fields.List(Text(min=1, max=100), validate=CHOICES)
    applies_to = fields.String(validate=validate.OneOf(APPLIES_TO))
    archived = Boolean()


class CustomFieldId(Schema):
    custom_field_id = Id(required=True)


class ListCustomFields(PageRequest):
    """`archived` lists the archived ones instead."""

    archived = Boolean(load_default=False)
    type = fields.String(validate=validate.OneOf(FIELD_TYPES))
    sort = Sort("oldest", "newest", "label", "-label")


class CustomField(Schema):
    """`choices` is null unless the type is choice."""

    id = Id(required=True)
    key = fields.String(required=True)
    label = fields.String(required=True)
    type = fields.String(required=True, validate=validate.OneOf(FIELD_TYPES))
    choices = fields.List(fields.String(), required=True, allow_none=True)
    applies_to = fields.String(required=True, validate=validate.OneOf(APPLIES_TO))
    archived = Boolean(required=True)
    created_at = Moment(required=True)
    version = fields.Integer(required=True)


class CustomFieldTold(Schema):
    custom_field_id = Id(required=True)
    key = fields.String(required=True)
    label = fields.String(required=True)
    type = fields.String(required=True)
    choices = fields.List(fields.String(), required=True, allow_none=True)
    applies_to = fields.String(required=True)
    archived = Boolean(required=True)
    version = fields.Integer(required=True)


class CustomFieldChanged(CustomFieldTold):
    changes = Changes()


create_custom_field = Rpc(
    "contacts", "create_custom_field", needs="settings.manage", takes=CreateCustomField, gives=CustomField,
    raises=(Invalid, Conflict), about="It can be used at once, by every process.",
)  # fmt: skip
get_custom_field = Rpc(
    "contacts", "get_custom_field", needs="settings.read", takes=CustomFieldId, gives=CustomField, raises=(NotFound,),
    writes=False,
)  # fmt: skip
change_custom_field = Rpc(
    "contacts", "change_custom_field", needs="settings.manage", takes=ChangeCustomField, gives=CustomField,
    raises=(Invalid, NotFound, Conflict, Stale),
    about="A choice that contacts have cannot be left out: the refusal says how many have it.",
)  # fmt: skip
list_custom_fields = Rpc(
    "contacts", "list_custom_fields", needs="settings.read", takes=ListCustomFields, gives=page_of(CustomField),
    raises=(Invalid,), writes=False,
)  # fmt: skip

custom_field_created = Event(
    "contacts", "custom_field.created", data=CustomFieldTold, about="It is about no one contact."
)
custom_field_changed = Event(
    "contacts", "custom_field.changed", data=CustomFieldChanged, about="It is about no one contact."
)

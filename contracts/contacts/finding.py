"""Finding contacts: by what somebody remembers of them, by a filter, in any order; and what can be filtered by."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.contacts.filters import Filter, FilterText
from contracts.contacts.people import Contact
from contracts.contacts.words import LIFECYCLES, STANDINGS
from contracts.errors import Forbidden, Invalid
from contracts.language import Boolean, Id, PageRequest, Rpc, Schema, Sort, Text, in_the_name_of, page_of

SORTS = ("newest", "name", "last_activity", "last_visit", "last_booking", "last_contact", "lifetime_value", "dues")
"""Names from A, all else from the newest or largest on; a minus before it turns it round."""


class _Found(PageRequest):
    """What both ways of asking have in common."""

    q = Text(
        max=200,
        metadata={
            "description": "any part of a name (accents do not matter), an e-mail, phone digits or membership number; "
            "when nothing has it, what is written almost like it"
        },
    )
    standing = fields.String(load_default="active", validate=validate.OneOf(STANDINGS))
    sort = Sort(
        *SORTS, *(f"-{sort}" for sort in SORTS),
        metadata={"description": "names from A, all else from the newest or largest; a minus turns it round"},
    )  # fmt: skip
    count = Boolean(load_default=False, metadata={"description": "also count all that match, which takes its time"})


class ListContacts(_Found):
    """Everything that is asked for must hold."""

    lifecycle = fields.String(validate=validate.OneOf(LIFECYCLES))
    assigned_to = Id()
    filter = FilterText()


class SearchContacts(_Found):
    """The same with the filter as an object."""

    filter = Filter()


class FoundContacts(page_of(Contact)):  # type: ignore[misc]
    """`almost`: nothing has just what `q` says, and these are written almost like it, the likest first."""

    almost = Boolean()
    total = fields.Integer(allow_none=True, metadata={"description": "how many match, when it was asked for"})


class MatchContacts(Schema):
    """Whom a filter finds among the active ones, so many at most; what the asker may not see is not filtered by."""

    filter = Filter(required=True)
    limit = fields.Integer(required=True, validate=validate.Range(1, 10_000))
    asked_by = in_the_name_of()


class Matched(Schema):
    """Their ids in no order; `more`: there are others."""

    contact_ids = fields.List(Id(), required=True)
    more = Boolean(required=True)


class Offered(Schema):
    """One of a field's operators or values."""

    name = fields.Raw(required=True)
    label = fields.String(required=True)
    arity = fields.String(metadata={"description": "of an operator: unary ones take no value"})
    takes = fields.String(
        metadata={
            "description": "of an operator: nothing, one, several (a list), two (from and to), stretch {n, unit}, or "
            "tally {count, n, unit}"
        }
    )


class FilterField(Schema):
    """A field as react-querybuilder wants to have it."""

    name = fields.String(required=True)
    label = fields.String(required=True)
    section = fields.String(required=True, metadata={"description": "under which heading it belongs"})
    type = fields.String(required=True)
    needs = fields.String(
        required=True, allow_none=True,
        metadata={"description": "the permission without which nobody filters by it, and is not told of it"},
    )  # fmt: skip
    inputType = fields.String(required=True, allow_none=True)
    valueEditorType = fields.String(required=True)
    operators = fields.List(fields.Nested(Offered), required=True)
    values = fields.List(fields.Nested(Offered), metadata={"description": "what there is to choose from"})


class FilterFields(Schema):
    items = fields.List(fields.Nested(FilterField), required=True)


list_contacts = Rpc(
    "contacts", "list_contacts", needs="contacts.read", takes=ListContacts, gives=FoundContacts,
    raises=(Invalid, Forbidden), writes=False,
)  # fmt: skip
search_contacts = Rpc(
    "contacts", "search_contacts", needs="contacts.read", takes=SearchContacts, gives=FoundContacts,
    raises=(Invalid, Forbidden), writes=False, about="List contacts by a filter that is too long for a web address.",
)  # fmt: skip
match_contacts = Rpc(
    "contacts", "match_contacts", needs="system", takes=MatchContacts, gives=Matched, raises=(Invalid, Forbidden),
    writes=False, about="Tell another service whom a filter finds.",
)  # fmt: skip
list_filter_fields = Rpc(
    "contacts", "list_filter_fields", needs="contacts.read", gives=FilterFields, writes=False,
    about="Tell every field that a filter may ask about, custom fields and choices as they are now.",
)  # fmt: skip

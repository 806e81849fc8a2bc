"""Likely duplicates: who might be the same as somebody about to be entered, or as somebody who is there."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.contacts.people import ContactId, CreateContact, Email, Phone
from contracts.errors import Invalid, Merged, NotFound
from contracts.language import Boolean, Id, Rpc, Schema


class Evidence(Schema):
    """One thing that speaks for it, or against it when `weight` is negative."""

    what = fields.String(
        required=True,
        validate=validate.OneOf(("email", "phone", "name", "birthday", "address", "website", "gender")),
    )
    how = fields.String(required=True, validate=validate.OneOf(("same", "similar", "different")))
    detail = fields.String(required=True)
    weight = fields.Float(required=True, metadata={"description": "between -1 and 1"})


class LikelyDuplicate(Schema):
    """`score` is between 0 and 1; an `exact` one would be refused on entering, unless it is named as another."""

    id = Id(required=True)
    display_name = fields.String(required=True)
    kind = fields.String(required=True)
    standing = fields.String(required=True)
    emails = fields.List(fields.Nested(Email), required=True)
    phones = fields.List(fields.Nested(Phone), required=True)
    birthday = fields.Date(required=True, allow_none=True)
    score = fields.Float(required=True)
    exact = Boolean(required=True)
    evidence = fields.List(fields.Nested(Evidence), required=True)


class LikelyDuplicates(Schema):
    """The likeliest first, ten at most."""

    items = fields.List(fields.Nested(LikelyDuplicate), required=True)


class FindLikelyDuplicates(CreateContact):
    """The body of entering a contact, as far as it is typed; who is named in `not_duplicate_of` is left out."""

    class Meta(Schema.Meta):
        exclude = ("asked_by",)


find_likely_duplicates = Rpc(
    "contacts", "find_likely_duplicates", needs="contacts.write", takes=FindLikelyDuplicates, gives=LikelyDuplicates,
    raises=(Invalid,), writes=False, about="Look before entering: nothing is entered, nothing is remembered.",
)  # fmt: skip
list_likely_duplicates = Rpc(
    "contacts", "list_likely_duplicates", needs="contacts.read", takes=ContactId, gives=LikelyDuplicates,
    raises=(NotFound, Merged), writes=False,
    about="Of a contact who is there; who is known not to be the same is left out.",
)  # fmt: skip

"""Somebody who comes to the business through another contact, and is entered on the way."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.contacts.people import LIMIT_OF_EACH, EmailGiven, PhoneGiven
from contracts.contacts.words import KINDS
from contracts.language import Id, Schema, Text


class Introduced(Schema):
    """A contact of their own, entered as a lead; who looks after the one who brings them looks after them, too."""

    kind = fields.String(load_default="person", validate=validate.OneOf(KINDS))
    first_name = Text(max=100)
    last_name = Text(max=100)
    preferred_name = Text(max=100)
    name = Text(max=200, metadata={"description": "of a company"})
    emails = fields.List(fields.Nested(EmailGiven), validate=validate.Length(max=LIMIT_OF_EACH))
    phones = fields.List(fields.Nested(PhoneGiven), validate=validate.Length(max=LIMIT_OF_EACH))
    birthday = fields.Date()
    gender = Text(max=40)
    not_duplicate_of = fields.List(Id(), validate=validate.Length(max=50))


class Named(Schema):
    """A contact by name."""

    id = Id(required=True)
    display_name = fields.String(required=True)
    standing = fields.String(required=True)

"""To whom an invoice or a credit note was issued."""

from __future__ import annotations

from marshmallow import fields

from contracts.language import Schema


class PostalAddress(Schema):
    """Where somebody lives or is to be written to; `country` is an ISO 3166-1 alpha-2 code."""

    street = fields.String(required=True)
    city = fields.String(required=True)
    region = fields.String(required=True)
    postal_code = fields.String(required=True)
    country = fields.String(required=True)


class BilledTo(Schema):
    """Name and address as billing knew them when it was issued: the contact's address labelled `billing`, else the
    primary one. It never changes. `address` null: none was known."""

    name = fields.String(required=True)
    address = fields.Nested(PostalAddress, required=True, allow_none=True)

"""The shape of a problem document, for the API's description."""

from __future__ import annotations

from marshmallow import fields

from contracts.language import Schema


class FieldAtFault(Schema):
    """`pointer` is a JSON pointer (RFC 6901) into the request, whichever part of it the field came by."""

    pointer = fields.String()
    detail = fields.String()


class ProblemDocument(Schema):
    """RFC 9457; `type` leads to a page that explains it. Some problems have further members."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    request_id = fields.String(required=True)
    errors = fields.List(fields.Nested(FieldAtFault))

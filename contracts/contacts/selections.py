"""Whom something is done to: contacts named one by one, or everybody who matches."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from contracts.contacts.filters import Filter
from contracts.contacts.words import STANDINGS
from contracts.language import Id, Schema, Text

MOST_IDS = 10_000


class Selection(Schema):
    """Either `ids`, or all that match `filter` and `q` at the moment when their turn comes."""

    ids = fields.List(Id(), validate=validate.Length(1, MOST_IDS))
    filter = Filter()
    q = Text(max=200, min=1, metadata={"description": "as in a list of contacts, without what is only almost alike"})
    standing = fields.String(load_default="active", validate=validate.OneOf(STANDINGS))

    @validates_schema
    def _either_or(self, data: dict[str, Any], **_: Any) -> None:
        if "ids" in data and ("filter" in data or "q" in data):
            raise ValidationError("Name contacts, or describe them; not both.", "ids")


class SomeSelection(Selection):
    """The same, and never everybody by leaving everything out: an empty filter says so."""

    @validates_schema
    def _not_by_accident(self, data: dict[str, Any], **_: Any) -> None:
        if not {"ids", "filter", "q"} & data.keys():
            raise ValidationError("Say who: ids, a filter or q. A filter without rules is everybody.")

"""Whom something is done to: contacts named one by one, or everybody who matches."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from contracts.contacts.filters import Filter, leaves_nobody_out
from contracts.contacts.words import STANDINGS
from contracts.language import Boolean, Id, Schema, Text

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
    """The same, and everybody only by the word `everybody`: a filter without rules may be one that was forgotten."""

    everybody = Boolean(
        load_default=False,
        metadata={"description": "all of this standing, where no ids, no q and no rules say who"},
    )  # fmt: skip

    @validates_schema
    def _not_by_accident(self, data: dict[str, Any], **_: Any) -> None:
        empty_filter = "filter" in data and leaves_nobody_out(data["filter"])
        described = {"ids", "q"} & data.keys() or ("filter" in data and not empty_filter)
        if data["everybody"] and described:
            raise ValidationError("Everybody, or those who are named or described; not both.", "everybody")
        if not data["everybody"] and not described:
            at = "filter" if empty_filter else "everybody"
            raise ValidationError("Say who: ids, a filter with rules, or q; or everybody: true.", at)

"""Discounts: what is taken off a price, why, and by whom."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from contracts.billing.packages import Price
from contracts.language import Money, Schema, Text

WAYS = ("basis_points", "amount")


class AmountOff(Price):
    """So much of it, in the currency of what is ordered."""

    amount = fields.Integer(required=True, strict=True, validate=validate.Range(1, 10**12))


def basis_points_off() -> fields.Integer:
    """The part of a price that is taken off it."""
    hint = {"description": "2500 is 25 %; what comes of it is rounded half up to a minor unit"}
    return fields.Integer(strict=True, validate=validate.Range(1, 10_000), metadata=hint)


class AskedDiscount(Schema):
    """What is to be taken off a price: a part of it, or an amount of which it has at least so much.

    Needs `orders.discount`; of more than the setting `discount_limit`, of an item's price or of the whole order's,
    `discounts.force`. Tax is of what is left.
    """

    basis_points = basis_points_off()
    amount = fields.Nested(AmountOff)
    reason = Text(required=True, min=1, max=200)

    @validates_schema
    def _is_one(self, data: dict[str, Any], **_: Any) -> None:
        if sum(way in data for way in WAYS) != 1:
            raise ValidationError(f"Say either {' or '.join(WAYS)}.")


class Discount(Schema):
    """What was taken off: `amount` is what it comes to, `basis_points` null where an amount was asked for."""

    basis_points = fields.Integer(required=True, allow_none=True)
    amount = fields.Nested(Money, required=True)
    reason = fields.String(required=True, allow_none=True)
    given_by = fields.String(required=True, allow_none=True)

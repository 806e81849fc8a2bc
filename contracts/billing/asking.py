"""What is asked for in an order to be, and how a draft keeps it."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.billing.discounts import AskedDiscount
from contracts.billing.promo_codes import LONGEST_CODE
from contracts.language import Boolean, Id, Schema, Text


class AskedItem(Schema):
    """One line of an order to be; a discount of its own is of its price, so many times, and its sign-up fee.

    With the `package_version` that was shown, it is refused when the package is another by now.
    """

    package_id = Id(required=True)
    package_version = fields.Integer(strict=True, validate=validate.Range(1, 2**31 - 1))
    quantity = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, 1000))
    discount = fields.Nested(AskedDiscount)


class AskedPlan(Schema):
    """By which plan the order is paid: of that `key` at each of its packages, with the same number and interval.

    `automatic`: from the second instalment on the default card is charged on the day on which each is due. A membership
    that the contact has, or has ordered, is not bought ahead by a plan.
    """

    key = Text(required=True, min=1, max=60)
    automatic = Boolean(load_default=True)


class GivenDiscount(AskedDiscount):
    """A discount that is asked for, and who gives it."""

    given_by = fields.String(required=True)
    above_limit = Boolean(
        required=True, metadata={"description": "who gave it may give more than the limit of the business"}
    )


class DraftedItem(AskedItem):
    """A line of a draft."""

    discount = fields.Nested(GivenDiscount)


class Drafted(Schema):
    """What a draft asks for: all that an order may say, and nothing of it has to be there yet."""

    items = fields.List(fields.Nested(DraftedItem), required=True)
    discount = fields.Nested(GivenDiscount, required=True, allow_none=True)
    promo_code = Text(required=True, allow_none=True, max=LONGEST_CODE)
    payment_plan = fields.Nested(AskedPlan, required=True, allow_none=True)


class Hindrance(Schema):
    """Why a draft would not be placed as it stands: where in the order (a JSON pointer), and in words."""

    pointer = fields.String(required=True)
    detail = fields.String(required=True)

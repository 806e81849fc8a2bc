"""Promo codes: discounts that the business gives to whoever knows a word."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from contracts.billing.card_numbers import NoCardNumbers
from contracts.billing.discounts import WAYS, AmountOff, basis_points_off
from contracts.errors import Invalid, NotFound, Stale
from contracts.language import Boolean, Changes, Event, Id, Moment, Money, PageRequest, Rpc, Schema, Sort, Text, page_of

LONGEST_CODE = 40


def _most_uses() -> fields.Integer:
    hint = {"description": "orders that were cancelled do not count; null: no limit"}
    return fields.Integer(allow_none=True, strict=True, validate=validate.Range(1, 1_000_000), metadata=hint)


class _Limits(Schema):
    """What may be said of a code when it is made and when it is changed."""

    valid_from = fields.Date(allow_none=True, metadata={"description": "the first day where the business is"})
    valid_until = fields.Date(allow_none=True, metadata={"description": "the last day where the business is"})
    package_ids = fields.List(
        Id(), allow_none=True, validate=validate.Length(1, 100),
        metadata={"description": "of which packages it is taken off; null: of all"},
    )  # fmt: skip
    most_uses = _most_uses()
    most_uses_per_contact = _most_uses()
    first_purchase_only = Boolean(metadata={"description": "for who never ordered what has a price"})
    joins_discounts = Boolean(metadata={"description": "may be used on an order that has discounts"})


class CreatePromoCode(_Limits, NoCardNumbers):
    """Either `basis_points` of the price of what it is for, or an `amount` of it, and never more than the price.

    Capitals, spaces and the width of letters do not matter of the code. Neither it nor what it takes off ever changes.
    """

    code = Text(required=True, min=1, max=LONGEST_CODE)
    basis_points = basis_points_off()
    amount = fields.Nested(AmountOff)

    @validates_schema
    def _is_one(self, data: dict[str, Any], **_: Any) -> None:
        if sum(way in data for way in WAYS) != 1:
            raise ValidationError(f"Say either {' or '.join(WAYS)}.")


class PromoCodeId(Schema):
    """Which promo code."""

    promo_code_id = Id(required=True)


class ChangePromoCode(_Limits):
    """A merge patch; an archived code is used by nobody any more, and its word is free for another."""

    promo_code_id = Id(required=True)
    archived = Boolean()


class ListPromoCodes(PageRequest):
    """Newest first; `code` however it is written, also of those that are archived."""

    archived = Boolean()
    code = Text(min=1, max=LONGEST_CODE)
    sort = Sort("newest", "oldest", "code")


class _PromoCode(Schema):
    code = fields.String(required=True)
    basis_points = fields.Integer(required=True, allow_none=True)
    amount = fields.Nested(Money, required=True, allow_none=True)
    valid_from = fields.Date(required=True, allow_none=True)
    valid_until = fields.Date(required=True, allow_none=True)
    package_ids = fields.List(Id(), required=True, allow_none=True)
    most_uses = fields.Integer(required=True, allow_none=True)
    most_uses_per_contact = fields.Integer(required=True, allow_none=True)
    first_purchase_only = Boolean(required=True)
    joins_discounts = Boolean(required=True)
    archived = Boolean(required=True)
    version = fields.Integer(required=True)


class PromoCode(_PromoCode):
    """A code; `uses` are the orders that have it and are not cancelled, and do not count as changes."""

    id = Id(required=True)
    uses = fields.Integer(required=True)
    created_at = Moment(required=True)


class PromoCodeTold(_PromoCode):
    """A code as it is told."""

    promo_code_id = Id(required=True)


class PromoCodeChanged(PromoCodeTold):
    changes = Changes()


class PromoCodeUsed(Schema):
    """What a code took off an order."""

    promo_code_id = Id(required=True)
    code = fields.String(required=True)
    amount = fields.Nested(Money, required=True)


create_promo_code = Rpc(
    "billing", "create_promo_code", needs="packages.manage", takes=CreatePromoCode, gives=PromoCode, raises=(Invalid,),
)  # fmt: skip
get_promo_code = Rpc(
    "billing", "get_promo_code", needs="billing.read", takes=PromoCodeId, gives=PromoCode, raises=(NotFound,),
    writes=False,
)  # fmt: skip
change_promo_code = Rpc(
    "billing", "change_promo_code", needs="packages.manage", takes=ChangePromoCode, gives=PromoCode,
    raises=(NotFound, Invalid, Stale),
)  # fmt: skip
list_promo_codes = Rpc(
    "billing", "list_promo_codes", needs="billing.read", takes=ListPromoCodes, gives=page_of(PromoCode),
    raises=(Invalid,), writes=False,
)  # fmt: skip

promo_code_created = Event("billing", "promo_code.created", data=PromoCodeTold, about="No subject.")
promo_code_changed = Event("billing", "promo_code.changed", data=PromoCodeChanged, about="No subject.")

"""Drafts of orders: what is being put together for a contact at the till, before anybody owes anything."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.billing.asking import AskedItem, AskedPlan
from contracts.billing.card_numbers import NoCardNumbers
from contracts.billing.discounts import AskedDiscount
from contracts.billing.orders import Order, OrderId
from contracts.billing.promo_codes import LONGEST_CODE
from contracts.errors import Blocked, Conflict, Forbidden, Invalid, Merged, NotFound, Stale, Unavailable
from contracts.language import Changes, Event, Id, Money, Nothing, Rpc, Schema, Text

MOST_ITEMS = 50


class DraftOrder(NoCardNumbers):
    """What the contact may buy, as far as it is known; whoever gives a discount in it is named with it."""

    contact_id = Id(required=True)
    items = fields.List(fields.Nested(AskedItem), load_default=list, validate=validate.Length(0, MOST_ITEMS))
    discount = fields.Nested(AskedDiscount)
    promo_code = Text(min=1, max=LONGEST_CODE)
    payment_plan = fields.Nested(AskedPlan)


class ChangeDraft(OrderId, NoCardNumbers):
    """A merge patch; the items, a discount and a payment plan are each taken whole.

    A discount that stays the same, of what stays the same, stays given by whoever gave it.
    """

    items = fields.List(fields.Nested(AskedItem), validate=validate.Length(0, MOST_ITEMS))
    discount = fields.Nested(AskedDiscount, allow_none=True)
    promo_code = Text(min=1, max=LONGEST_CODE, allow_none=True)
    payment_plan = fields.Nested(AskedPlan, allow_none=True)


class PlaceDraft(OrderId):
    """Which draft becomes an order; with `total`, only if it comes to that."""

    total = fields.Nested(Money)


class DraftTold(Schema):
    """A draft as it is told: what it asks for, with what stood before."""

    order_id = Id(required=True)
    changes = Changes()
    version = fields.Integer(required=True)


class DraftDeleted(Schema):
    """A draft that is gone."""

    order_id = Id(required=True)


draft_order = Rpc(
    "billing", "draft_order", needs="billing.sell", takes=DraftOrder, gives=Order,
    raises=(NotFound, Invalid, Blocked, Forbidden, Merged, Unavailable),
)  # fmt: skip
change_draft = Rpc(
    "billing", "change_draft", needs="billing.sell", takes=ChangeDraft, gives=Order,
    raises=(NotFound, Invalid, Conflict, Forbidden, Stale),
)  # fmt: skip
place_draft = Rpc(
    "billing", "place_draft", needs="billing.sell", takes=PlaceDraft, gives=Order,
    raises=(NotFound, Invalid, Conflict, Blocked, Forbidden, Merged, Stale, Unavailable),
)  # fmt: skip
delete_draft = Rpc(
    "billing", "delete_draft", needs="billing.sell", takes=OrderId, gives=Nothing,
    raises=(NotFound, Conflict, Stale),
)  # fmt: skip

draft_made = Event("billing", "draft_order.made", data=DraftTold, about="An order is being put together.")
draft_changed = Event("billing", "draft_order.changed", data=DraftTold, about="A draft asks for something else.")
draft_deleted = Event("billing", "draft_order.deleted", data=DraftDeleted, about="A draft is not wanted any more.")

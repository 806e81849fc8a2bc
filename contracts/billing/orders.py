"""Orders: what a contact buys; and assignments: what the contact has from it."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.billing.asking import AskedItem, AskedPlan, Drafted, Hindrance
from contracts.billing.card_numbers import NoCardNumbers
from contracts.billing.discounts import AskedDiscount, Discount
from contracts.billing.packages import KINDS, PricingOption
from contracts.billing.promo_codes import LONGEST_CODE, PromoCodeUsed
from contracts.errors import Blocked, Conflict, Forbidden, Invalid, Merged, NotFound, Stale, Unavailable
from contracts.language import Boolean, Event, Id, Moment, Money, PageRequest, Rpc, Schema, Sort, Text, page_of

DRAFT = "draft"
ORDER_STATES = (DRAFT, "open", "paid", "refunded", "cancelled", "written_off")
ASSIGNMENT_STATES = ("awaiting_payment", "active", "reversed", "ended", "cancelled")


class PlaceOrder(NoCardNumbers):
    """What the contact buys; the prices are the packages' own, of one currency. Nothing to pay settles it at once.

    `discount` is of all that the items come to after their own discounts, before tax is added, and is spread over them
    in proportion; `promo_code` then is of what is left of the packages that it is for. A membership renews at its full
    price.
    """

    contact_id = Id(required=True)
    items = fields.List(fields.Nested(AskedItem), required=True, validate=validate.Length(1, 50))
    discount = fields.Nested(AskedDiscount)
    promo_code = Text(min=1, max=LONGEST_CODE)
    payment_plan = fields.Nested(AskedPlan)
    sold_by = Text(min=1, max=200, metadata={"filled_by": "service", "description": "for whom a service asks"})


class OrderId(Schema):
    """Which order."""

    order_id = Id(required=True)


class CancelOrder(OrderId, NoCardNumbers):
    """Which order is not wanted any more, and why."""

    reason = Text(max=500)


class ListOrders(PageRequest):
    """Newest first; drafts only where `state` asks for them. `promo_code_id`: that have it, cancelled ones too."""

    contact_id = Id()
    promo_code_id = Id()
    state = fields.String(validate=validate.OneOf(ORDER_STATES))
    sort = Sort("newest", "oldest")


class OrderItem(Schema):
    """A line as it was sold: the package of that version, whatever became of the package since. Of a draft, as it would
    be sold now: it has no id and assigns nothing yet."""

    id = Id(required=True, allow_none=True)
    package_id = Id(required=True)
    package_version = fields.Integer(required=True)
    assignment_id = Id(required=True, allow_none=True)
    name = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    quantity = fields.Integer(required=True)
    price = fields.Nested(Money, required=True)
    sign_up_fee = fields.Nested(Money, required=True)
    amount = fields.Nested(Money, required=True, metadata={"description": "price × quantity + sign_up_fee"})
    discount = fields.Nested(Discount, required=True, allow_none=True, metadata={"description": "the item's own"})
    reduction = fields.Nested(
        Money, required=True,
        metadata={"description": "taken off the amount: its own discount, and its part of the order's and the code's"},
    )  # fmt: skip
    tax = fields.Nested(Money, required=True, metadata={"description": "of what is left: in it, or on top of it"})
    total = fields.Nested(Money, required=True, metadata={"description": "what is charged, with the tax"})


class Order(Schema):
    """An order: `due` = `total` − `credited` − `written_off` − (`paid` − `refunded`).

    `under_way` is asked for and not yet decided. An order of nothing to pay has no invoice. A draft owes nothing and
    has no number; asked for by itself, its items and amounts are what they would be if it was placed now. Its `total`
    and `reduction` are null in a list, and where its `problems` leave it without a price.
    """

    id = Id(required=True)
    number = fields.Integer(required=True, allow_none=True, metadata={"description": "null: of a draft"})
    contact_id = Id(required=True)
    state = fields.String(required=True, validate=validate.OneOf(ORDER_STATES))
    total = fields.Nested(Money, required=True, allow_none=True)
    paid = fields.Nested(Money, required=True)
    refunded = fields.Nested(Money, required=True)
    credited = fields.Nested(Money, required=True)
    written_off = fields.Nested(Money, required=True)
    under_way = fields.Nested(Money, required=True)
    due = fields.Nested(Money, required=True)
    discount = fields.Nested(Discount, required=True, allow_none=True)
    promo_code = fields.Nested(PromoCodeUsed, required=True, allow_none=True)
    reduction = fields.Nested(
        Money, required=True, allow_none=True, metadata={"description": "what is taken off all items before `total`"}
    )
    items = fields.List(fields.Nested(OrderItem), required=True)
    placed_at = Moment(required=True, allow_none=True)
    placed_by = fields.String(required=True, allow_none=True)
    drafted_at = Moment(required=True, allow_none=True, metadata={"description": "null: it never was a draft"})
    drafted_by = fields.String(required=True, allow_none=True)
    draft = fields.Nested(
        Drafted, required=True, allow_none=True, metadata={"description": "what is asked for; null: it is placed"}
    )
    problems = fields.List(
        fields.Nested(Hindrance), required=True, allow_none=True,
        metadata={"description": "what placing a draft would meet now; null: it is placed, or one of a list"},
    )  # fmt: skip
    settled_at = Moment(required=True, allow_none=True)
    invoice_id = Id(required=True, allow_none=True)
    payment_plan_id = Id(required=True, allow_none=True)
    version = fields.Integer(required=True)


class ListAssignments(PageRequest):
    """The packages that a contact has or had, newest first."""

    contact_id = Id(required=True)
    sort = Sort("newest", "oldest")


class Assignment(Schema):
    """A package that a contact has, in the version that was sold."""

    id = Id(required=True)
    contact_id = Id(required=True)
    order_id = Id(required=True)
    package_id = Id(required=True)
    package_version = fields.Integer(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    quantity = fields.Integer(required=True)
    state = fields.String(required=True, validate=validate.OneOf(ASSIGNMENT_STATES))
    pricing_option = PricingOption()
    since = fields.Date(required=True, allow_none=True, metadata={"description": "Paid for since; null: not yet."})
    expires_on = fields.Date(
        required=True, allow_none=True,
        metadata={"description": "The last day of what is sold for a time, or that is paid for; null: none."},
    )  # fmt: skip
    assigned_at = Moment(required=True)


class OrderedItem(Schema):
    """A line of an order as it is told."""

    package_id = Id(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    quantity = fields.Integer(required=True)
    amount = fields.Nested(Money, required=True)
    discount = fields.Nested(Discount, allow_none=True)
    reduction = fields.Nested(Money)


class OrderPlaced(Schema):
    """An order as it is told; one of before there were discounts says nothing of them."""

    order_id = Id(required=True)
    number = fields.Integer(required=True)
    total = fields.Nested(Money, required=True)
    discount = fields.Nested(Discount, allow_none=True)
    promo_code = fields.Nested(PromoCodeUsed, allow_none=True)
    reduction = fields.Nested(Money)
    items = fields.List(fields.Nested(OrderedItem), required=True)


class OrderCancelled(Schema):
    """An order that is as if it never was: `total` is not owed any more."""

    order_id = Id(required=True)
    number = fields.Integer(required=True)
    total = fields.Nested(Money, required=True)
    reason = fields.String(required=True, allow_none=True)


class PackageAssigned(Schema):
    """The contact has a package; `trial` ones never make a customer."""

    assignment_id = Id(required=True)
    package_id = Id(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    trial = Boolean(required=True)
    pricing_option = PricingOption()


class PackagePaid(Schema):
    """A package that is not a trial is paid in full, or the first of its instalments is, since that day (UTC). A credit
    pack or a course says how many sessions it is good for, as `credits`; `expires_on` is the last day of those, if
    there is one, or the last day that a membership is sold for."""

    assignment_id = Id(required=True)
    package_id = Id(allow_none=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    since = fields.Date(required=True)
    credits = fields.Integer(allow_none=True)
    pricing_option = PricingOption()
    expires_on = fields.Date(allow_none=True)


class PackageReversed(Schema):
    """What was told as paid is as if it never was."""

    assignment_id = Id(required=True)
    name = fields.String(required=True)
    kind = fields.String()
    reason = fields.String(required=True)


class PackageEnded(Schema):
    """What was paid for is over: it expired or was cancelled, and nothing is given back. Of a trial that was assigned:
    its last day is over, its order was cancelled, or it was refunded."""

    assignment_id = Id(required=True)
    name = fields.String(required=True)
    reason = fields.String(required=True)
    ended_at = Moment(required=True)
    pricing_option = PricingOption()
    expires_on = fields.Date(allow_none=True)


place_order = Rpc(
    "billing", "place_order", needs="orders.buy", takes=PlaceOrder, gives=Order,
    raises=(NotFound, Invalid, Conflict, Blocked, Forbidden, Merged, Unavailable), incidental=("sold_by",),
)  # fmt: skip
cancel_order = Rpc(
    "billing", "cancel_order", needs="orders.buy", takes=CancelOrder, gives=Order,
    raises=(NotFound, Conflict, Stale, Forbidden),
    about="Forget an order that nobody paid; who may not sell, one that they placed themselves.",
)  # fmt: skip
get_order = Rpc(
    "billing", "get_order", needs="purchases.read", takes=OrderId, gives=Order, raises=(NotFound,), writes=False
)
list_orders = Rpc(
    "billing", "list_orders", needs="purchases.read", takes=ListOrders, gives=page_of(Order), writes=False
)  # fmt: skip
list_assignments = Rpc(
    "billing", "list_assignments", needs="purchases.read", takes=ListAssignments, gives=page_of(Assignment),
    writes=False,
)  # fmt: skip

order_placed = Event("billing", "order.placed", data=OrderPlaced, about="A contact ordered.")
order_cancelled = Event(
    "billing", "order.cancelled", data=OrderCancelled, about="An order that nobody paid is not wanted any more."
)
package_assigned = Event("billing", "package.assigned", data=PackageAssigned, about="A contact has a package.")
package_paid = Event(
    "billing", "package.paid", data=PackagePaid, about="A package is paid, or its first instalment; never a trial."
)
package_reversed = Event("billing", "package.reversed", data=PackageReversed, about="A paid package is taken back.")
package_ended = Event("billing", "package.ended", data=PackageEnded, about="A paid package came to its end.")
trial_ended = Event("billing", "trial.ended", data=PackageEnded, about="A contact has this trial no longer.")

"""Payments: how an order is paid, approved, rejected and given back."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.billing.card_numbers import NoCardNumbers
from contracts.billing.cards import ClientSecret
from contracts.billing.orders import Order, OrderId
from contracts.currencies import currency_code
from contracts.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from contracts.language import Boolean, Event, Id, Moment, Money, PageRequest, Rpc, Schema, Sort, Text, page_of

METHODS = ("card", "cash", "bank_transfer", "account_credit")
PAYMENT_STATES = ("pending", "charging", "taken", "rejected", "failed")
REFUNDED_TO = ("payment", "account_credit")
REFUND_STATES = ("asking", "given", "failed")


class PositiveMoney(Money):
    """More than nothing, in a currency that there is."""

    amount = fields.Integer(required=True, strict=True, validate=validate.Range(1, 10**12))
    currency = currency_code(required=True)


class TakePayment(NoCardNumbers):
    """Pay an order: all that is due unless `amount` says less.

    `account_credit` is spent at once. A card is one on file (`card_id`) or one for this once (`card_token`, the card
    provider's); without either it is the contact's default card. Cash needs the permission `billing.sell`.
    """

    order_id = Id(required=True)
    method = fields.String(required=True, validate=validate.OneOf(METHODS))
    amount = fields.Nested(PositiveMoney)
    card_token = Text(min=1, max=200)
    card_id = Id()


class PayRenewal(NoCardNumbers):
    """Pay a cycle of a subscription, all of it; by card as an order is."""

    renewal_id = Id(required=True)
    method = fields.String(required=True, validate=validate.OneOf(METHODS))
    amount = fields.Nested(PositiveMoney)
    card_token = Text(min=1, max=200)
    card_id = Id()


class PayInstalment(NoCardNumbers):
    """Pay what is left of the first instalment of a plan that is not paid; by card as an order is."""

    instalment_id = Id(required=True)
    method = fields.String(required=True, validate=validate.OneOf(METHODS))
    card_token = Text(min=1, max=200)
    card_id = Id()


class PayOffPlan(NoCardNumbers):
    """Pay all that is left of a plan in one payment; by card as an order is."""

    payment_plan_id = Id(required=True)
    method = fields.String(required=True, validate=validate.OneOf(METHODS))
    card_token = Text(min=1, max=200)
    card_id = Id()


class PaymentId(Schema):
    """Which payment."""

    payment_id = Id(required=True)


class RejectPayment(PaymentId, NoCardNumbers):
    """Why it is rejected."""

    reason = Text(max=500)


class RefundedItem(Schema):
    """An item of the order, and how much of it: all that is left unless `amount` says less."""

    item_id = Id(required=True)
    amount = fields.Nested(PositiveMoney)


class HowRefunded(NoCardNumbers):
    """How much is given back: all that is left unless an `amount` or `items` say less.

    An amount takes back of all items alike; an item that is given back whole takes its package back. `to`: where it
    came from, or the contact's account credit, where what was paid by credit goes in any case.
    """

    amount = fields.Nested(PositiveMoney)
    items = fields.List(fields.Nested(RefundedItem), validate=validate.Length(1, 50))
    to = fields.String(load_default="payment", validate=validate.OneOf(REFUNDED_TO))
    reason = Text(max=500)


class RefundPayment(PaymentId, HowRefunded):
    """Which payment, and how much of it."""


class RefundOrder(OrderId, HowRefunded):
    """Which order, and how much of what was paid for it: its newest payments are given back first."""


class ListPayments(PageRequest):
    """Newest first."""

    contact_id = Id()
    order_id = Id()
    renewal_id = Id()
    state = fields.String(validate=validate.OneOf(PAYMENT_STATES))
    sort = Sort("newest", "oldest")


class Refund(Schema):
    """Money given back."""

    id = Id(required=True)
    amount = fields.Nested(Money, required=True)
    state = fields.String(required=True, validate=validate.OneOf(REFUND_STATES))
    to = fields.String(required=True, validate=validate.OneOf(REFUNDED_TO))
    reason = fields.String(required=True, allow_none=True)
    credit_note_id = Id(required=True, allow_none=True)
    asked_by = fields.String(required=True, allow_none=True)
    asked_at = Moment(required=True)


class Payment(Schema):
    """A payment and how it stands: of an order, or of a subscription's renewal; which no one asks for if `recurring`.

    A card is charged at once: `taken`, `failed` with the `reason`, or still `charging` when the provider did not
    answer in time, or until the cardholder has answered their bank (3-D Secure): then `authenticate_until` says how
    long that may take. A bank transfer is `pending` until it is decided.
    """

    id = Id(required=True)
    order_id = Id(required=True, allow_none=True)
    order_number = fields.Integer(required=True, allow_none=True)
    renewal_id = Id(required=True, allow_none=True)
    instalment_id = Id(required=True, allow_none=True, metadata={"description": "of the order, for which it was asked"})
    recurring = Boolean(required=True)
    contact_id = Id(required=True)
    method = fields.String(required=True, validate=validate.OneOf(METHODS))
    card_id = Id(required=True, allow_none=True, metadata={"description": "the card on file that was charged"})
    amount = fields.Nested(Money, required=True)
    refunded = fields.Nested(Money, required=True)
    state = fields.String(required=True, validate=validate.OneOf(PAYMENT_STATES))
    reason = fields.String(required=True, allow_none=True)
    authenticate_until = Moment(required=True, allow_none=True)
    asked_by = fields.String(required=True, allow_none=True)
    asked_at = Moment(required=True)
    decided_by = fields.String(required=True, allow_none=True)
    decided_at = Moment(required=True, allow_none=True)
    refunds = fields.List(fields.Nested(Refund), required=True)
    version = fields.Integer(required=True)


class PaymentTold(Schema):
    """A payment as it is told; `decided_by` is the name of whoever took, approved or rejected it.

    `credited` is what is no longer sold by a refund, and so not due again, and `to` where the refund went; older events
    do not tell them.
    """

    payment_id = Id(required=True)
    order_id = Id(required=True, allow_none=True)
    order_number = fields.Integer(required=True, allow_none=True)
    renewal_id = Id(allow_none=True)
    method = fields.String(required=True)
    amount = fields.Nested(Money, required=True)
    decided_by = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    credited = fields.Nested(Money)
    to = fields.String()


_refusals = (NotFound, Invalid, Conflict)
_not_taken = (*_refusals, Forbidden)

take_payment = Rpc(
    "billing", "take_payment", needs="purchases.pay", takes=TakePayment, gives=Payment,
    raises=_not_taken, deadline=15.0,
)  # fmt: skip
pay_renewal = Rpc(
    "billing", "pay_renewal", needs="purchases.pay", takes=PayRenewal, gives=Payment,
    raises=_not_taken, deadline=15.0,
)  # fmt: skip
pay_instalment = Rpc(
    "billing", "pay_instalment", needs="purchases.pay", takes=PayInstalment, gives=Payment,
    raises=_not_taken, deadline=15.0,
)  # fmt: skip
pay_off_plan = Rpc(
    "billing", "pay_off_plan", needs="purchases.pay", takes=PayOffPlan, gives=Payment, raises=_not_taken, deadline=15.0
)
authenticate_payment = Rpc(
    "billing", "authenticate_payment", needs="purchases.pay", takes=PaymentId, gives=ClientSecret,
    raises=(*_refusals, Unavailable), writes=False, deadline=15.0,
    about="Let the cardholder answer their bank: the browser goes on with this.",
)  # fmt: skip
cancel_payment = Rpc(
    "billing", "cancel_payment", needs="purchases.pay", takes=PaymentId, gives=Payment, raises=_refusals, deadline=15.0,
    about="Wait no longer for the cardholder, or withdraw a transfer of one's own; money that came meanwhile is taken.",
)  # fmt: skip
get_payment = Rpc(
    "billing", "get_payment", needs="purchases.read", takes=PaymentId, gives=Payment, raises=(NotFound,), writes=False
)
list_payments = Rpc(
    "billing", "list_payments", needs="purchases.read", takes=ListPayments, gives=page_of(Payment), writes=False
)
approve_payment = Rpc(
    "billing", "approve_payment", needs="billing.approve", takes=PaymentId, gives=Payment, raises=_refusals
)
reject_payment = Rpc(
    "billing", "reject_payment", needs="billing.approve", takes=RejectPayment, gives=Payment, raises=_refusals
)
refund_payment = Rpc(
    "billing", "refund_payment", needs="billing.correct", takes=RefundPayment, gives=Payment, raises=_refusals,
    deadline=15.0,
)  # fmt: skip
refund_order = Rpc(
    "billing", "refund_order", needs="billing.correct", takes=RefundOrder, gives=Order, raises=_refusals, deadline=30.0
)

payment_pending = Event("billing", "payment.pending", data=PaymentTold, about="A bank transfer awaits approval.")
payment_taken = Event("billing", "payment.taken", data=PaymentTold, about="Money was taken, once.")
payment_rejected = Event("billing", "payment.rejected", data=PaymentTold, about="A bank transfer was not accepted.")
payment_failed = Event(
    "billing",
    "payment.failed",
    data=PaymentTold,
    about="A card was declined, or a transfer withdrawn or not decided about in time.",
)
payment_refunded = Event(
    "billing", "payment.refunded", data=PaymentTold, about="Money was given back; `amount` is how much this time."
)

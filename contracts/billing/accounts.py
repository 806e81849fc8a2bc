"""Accounts: what billing knows of a contact, in one answer."""

from __future__ import annotations

from marshmallow import fields

from contracts.billing.cards import CardOnFile
from contracts.billing.orders import Assignment, Order
from contracts.billing.payments import Payment
from contracts.billing.plans import PaymentPlan
from contracts.billing.sharing import SharedMembership
from contracts.billing.subscriptions import Subscription
from contracts.language import Id, Money, Rpc, Schema


class AccountOf(Schema):
    """Whose account."""

    contact_id = Id(required=True)


class Account(Schema):
    """The newest twenty of each list (the rest by the lists' own pages), and the dues, one sum per currency.

    `dues` is what is due on open invoices, and what the books call receivable; `spent` is what was paid and not given
    back. A contact that never bought has an empty account.
    """

    contact_id = Id(required=True)
    dues = fields.List(fields.Nested(Money), required=True)
    spent = fields.List(fields.Nested(Money), required=True)
    packages = fields.List(fields.Nested(Assignment), required=True)
    courses = fields.List(fields.Nested(Assignment), required=True, metadata={"description": "of the packages"})
    subscriptions = fields.List(fields.Nested(Subscription), required=True)
    shared_memberships = fields.List(
        fields.Nested(SharedMembership), required=True,
        metadata={"description": "of others, that the contact uses too, as far as they do now"},
    )  # fmt: skip
    free_cycles = fields.Integer(required=True, metadata={"description": "so many cycles to come cost nothing"})
    cards = fields.List(fields.Nested(CardOnFile), required=True, metadata={"description": "on file, the oldest first"})
    orders = fields.List(fields.Nested(Order), required=True)
    payment_plans = fields.List(fields.Nested(PaymentPlan), required=True)
    payments = fields.List(fields.Nested(Payment), required=True)


get_account = Rpc("billing", "get_account", needs="purchases.read", takes=AccountOf, gives=Account, writes=False)

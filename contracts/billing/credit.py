"""Account credit: what a contact may spend here that is not money any more."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.billing.card_numbers import NoCardNumbers
from contracts.billing.payments import PositiveMoney
from contracts.errors import Conflict, Invalid, Merged, NotFound
from contracts.language import Event, Id, Moment, Money, PageRequest, Rpc, Schema, Sort, Text, page_of

KINDS = ("granted", "withdrawn", "spent", "refunded", "reward", "reward_taken_back")


class Balance(Schema):
    """`amount` in minor units; below zero when a reward was taken back that was spent already."""

    amount = fields.Integer(required=True)
    currency = fields.String(required=True)


class CreditEntry(Schema):
    """One movement: `amount` is above zero where the contact has more by it; `balance` is what there was after it."""

    id = Id(required=True)
    contact_id = Id(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    amount = fields.Nested(Balance, required=True)
    balance = fields.Nested(Balance, required=True)
    reason = fields.String(required=True, allow_none=True)
    by = fields.String(required=True, allow_none=True)
    entered_at = Moment(required=True)


class Credit(page_of(CreditEntry)):  # type: ignore[misc]
    """The balance in each currency, and a page of the movements that make it."""

    contact_id = Id(required=True)
    balances = fields.List(fields.Nested(Balance), required=True)


class GetCredit(PageRequest):
    contact_id = Id(required=True)
    kind = fields.String(validate=validate.OneOf(KINDS))
    sort = Sort("newest", "oldest")


class MoveCredit(NoCardNumbers):
    contact_id = Id(required=True)
    amount = fields.Nested(PositiveMoney, required=True)
    reason = Text(required=True, min=1, max=500)


get_credit = Rpc(
    "billing", "get_credit", needs="purchases.read", takes=GetCredit, gives=Credit, raises=(Invalid,), writes=False
)
grant_credit = Rpc(
    "billing", "grant_credit", needs="billing.correct", takes=MoveCredit, gives=CreditEntry,
    raises=(Invalid, NotFound, Merged, Conflict), about="Give a contact credit; it is in the books as given away.",
)  # fmt: skip
withdraw_credit = Rpc(
    "billing", "withdraw_credit", needs="billing.correct", takes=MoveCredit, gives=CreditEntry,
    raises=(Invalid, NotFound, Merged, Conflict), about="Take back credit that is not spent yet.",
)  # fmt: skip


class CreditMoved(Schema):
    """`balance` is what there is after it."""

    entry_id = Id(required=True)
    kind = fields.String(required=True)
    amount = fields.Nested(Money, required=True)
    balance = fields.Nested(Balance, required=True)
    reason = fields.String(allow_none=True)


account_credit_added = Event("billing", "account_credit.added", data=CreditMoved)
account_credit_taken = Event("billing", "account_credit.taken", data=CreditMoved)

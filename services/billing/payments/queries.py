"""What was paid."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.pages import keys_for, page_of
from chassis.work import Work
from contracts.errors import Invalid, NotFound
from contracts.language import Request, Rpc
from services.billing.base import USED_BEFORE, key_of, money
from services.billing.orders.model import Order
from services.billing.orders.queries import locked_order
from services.billing.payments.model import Payment, Refund
from services.billing.subscriptions.model import Renewal
from services.billing.subscriptions.queries import locked_renewal

Owed = Order | Renewal
"""What a payment is for."""
_FIELDS = (
    "id", "order_id", "order_number", "renewal_id", "instalment_id", "recurring", "contact_id", "method", "card_id",
    "state", "reason", "authenticate_until", "asked_by", "asked_by_id", "asked_at", "decided_by", "decided_by_id",
    "decided_at", "version",
)  # fmt: skip
_REFUND_FIELDS = ("id", "state", "reason", "credit_note_id", "asked_by", "asked_at")


def get_payment(work: Work, request: Request) -> dict[str, Any]:
    """The payment with its refunds."""
    return shown(payment_of(work, request.payment_id))


def payment_of(work: Work, payment_id: str) -> Payment:
    """The payment, as it is to look at."""
    payment = work.session.get(Payment, payment_id)
    if payment is None:
        raise NotFound("There is no such payment.")
    return payment


def list_payments(work: Work, request: Request) -> dict[str, Any]:
    """Payments, newest first."""
    payments = select(Payment)
    for field in ("contact_id", "order_id", "renewal_id", "state"):
        if request.get(field) is not None:
            payments = payments.where(getattr(Payment, field) == request[field])
    page = page_of(work, payments, keys_for(request.sort, oldest=[Payment.id]), request)
    return page | {"items": [shown(payment) for payment in page["items"]]}


def locked_payment(work: Work, payment_id: str) -> tuple[Owed, Payment]:
    """The payment and what it is for, that first as everywhere, nobody else's until this transaction ends."""
    of = select(Payment.order_id, Payment.renewal_id).where(Payment.id == payment_id)
    found = work.session.execute(of).first()
    if found is None:
        raise NotFound("There is no such payment.")
    owed = locked_renewal(work, found.renewal_id)[1] if found.renewal_id else locked_order(work, found.order_id)
    payment = work.session.get_one(Payment, payment_id, with_for_update=True, populate_existing=True)
    return owed, payment


def payments_to_give_back(work: Work, order_id: str) -> list[Payment]:
    """What came for an order that is held, the newest first, and is not given back; held as well."""
    taken = select(Payment).where(Payment.order_id == order_id, Payment.state == "taken").order_by(Payment.id.desc())
    held = work.session.scalars(taken.with_for_update().execution_options(populate_existing=True))
    return [payment for payment in held if payment.left]


def asked_before(work: Work, rpc: Rpc, owed: Owed) -> Payment | None:
    """The payment that an earlier try of this very call asked for, before it was interrupted."""
    key = key_of(work, rpc)
    earlier = work.session.scalar(select(Payment).where(Payment.asked_key == key)) if key else None
    if earlier is not None and owed.id not in (earlier.order_id, earlier.renewal_id):
        raise Invalid(USED_BEFORE)
    return earlier


def given_back_before(work: Work, rpc: Rpc, of: Payment | Order) -> bool:
    """Whether an earlier try of this very call asked to give money back, before it was interrupted."""
    key = key_of(work, rpc)
    refunded = select(Payment.id, Payment.order_id).join(Refund, Refund.payment_id == Payment.id)
    earlier = work.session.execute(refunded.where(Refund.asked_key == key)).first() if key else None
    if earlier is not None and of.id not in earlier:
        raise Invalid(USED_BEFORE)
    return earlier is not None


def shown(payment: Payment) -> dict[str, Any]:
    """A payment as the contract says it."""
    return {field: getattr(payment, field) for field in _FIELDS} | {
        "amount": money(payment.amount, payment.currency),
        "refunded": money(payment.refunded, payment.currency),
        "refunds": [_refund(refund) for refund in payment.refunds],
    }


def _refund(refund: Refund) -> dict[str, Any]:
    return {field: getattr(refund, field) for field in _REFUND_FIELDS} | {
        "amount": money(refund.amount, refund.currency),
        "to": "account_credit" if refund.to_credit else "payment",
    }

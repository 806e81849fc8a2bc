"""What follows when money came, did not come, or went back: what it was for, books and news in one transaction."""

from __future__ import annotations

from typing import Any

from chassis.work import Work
from contracts.billing import payments as told
from contracts.language import Event
from services.billing.assignments.actions import take_back
from services.billing.base import money, who
from services.billing.invoices import actions as invoices
from services.billing.invoices.queries import locked_invoice
from services.billing.ledger import rules as books
from services.billing.ledger.actions import post
from services.billing.orders.actions import settle
from services.billing.orders.model import Order
from services.billing.payments.model import Payment, Refund
from services.billing.payments.queries import Owed
from services.billing.subscriptions.beginning import stop_subscriptions
from services.billing.subscriptions.model import Renewal, Subscription
from services.billing.subscriptions.renewals import renew


def came(work: Work, owed: Owed, payment: Payment) -> None:
    """The money is there; when nothing is due any more, what was ordered begins, or goes on."""
    take(work, payment)
    if isinstance(owed, Renewal):
        renew(work, [(work.session.get_one(Subscription, owed.subscription_id), owed)])
        return
    settled = owed.receive(payment.amount)
    invoice = locked_invoice(work, cause_id=owed.id)
    if invoice is not None:
        invoices.settle_from(work, invoice, payment.amount)
    if settled:
        settle(work, owed)


def take(work: Work, payment: Payment) -> None:
    """Write the money down; what it was for is not touched."""
    _decide(work, payment, "taken", None)
    posting = books.payment(payment.method, payment.amount)
    _post(work, payment, posting, "payment", payment.id)
    tell(work, told.payment_taken, payment)


def did_not_come(work: Work, owed: Owed, payment: Payment, state: str, reason: str | None) -> None:
    """The money stays due, as before."""
    _decide(work, payment, state, reason)
    owed.release(payment.amount)
    tell(work, told.payment_rejected if state == "rejected" else told.payment_failed, payment)


def went_back(work: Work, owed: Owed, payment: Payment, refund: Refund) -> None:
    """The money is given back; when all of an order is, what was ordered is taken back. A renewal leaves its days."""
    refund.state = "given"
    payment.refunding -= refund.amount
    payment.refunded += refund.amount
    payment.version += 1
    credited = owed.give_back(refund.amount)
    invoice = locked_invoice(work, cause_id=owed.id)
    tax = 0 if invoice is None else invoices.give_back(work, invoice, refund.amount, credited=credited).tax
    posting = books.refund(payment.method, refund.amount, credited=credited, tax=tax)
    _post(work, payment, posting, "refund", refund.id)
    amounts = {"amount": money(refund.amount, refund.currency), "credited": money(credited, refund.currency)}
    tell(work, told.payment_refunded, payment, **amounts, reason=refund.reason)
    if isinstance(owed, Order) and owed.state == "refunded":
        reason = refund.reason or "The payment was refunded."
        stop_subscriptions(work, owed.id, reason=reason)
        take_back(work, owed.id, reason=reason)


def tell(work: Work, event: Event, payment: Payment, **instead: Any) -> None:
    """Announce what became of a payment."""
    data = {
        "payment_id": payment.id,
        "order_id": payment.order_id,
        "order_number": payment.order_number,
        "renewal_id": payment.renewal_id,
        "method": payment.method,
        "amount": money(payment.amount, payment.currency),
        "decided_by": payment.decided_by,
        "reason": payment.reason,
    }
    work.record(event, payment.contact_id, **data | instead)


def _decide(work: Work, payment: Payment, state: str, reason: str | None) -> None:
    payment.state = state
    payment.reason = reason
    payment.decided_by = who(work)
    payment.decided_by_id = work.actor.id
    payment.decided_at = work.now
    payment.ask_again_at = payment.authenticate_until = None
    payment.version += 1


def _post(work: Work, payment: Payment, posting: books.Posting, cause: str, cause_id: str) -> None:
    post(
        work, posting, contact_id=payment.contact_id, currency=payment.currency, cause=cause, cause_id=cause_id
    )  # fmt: skip

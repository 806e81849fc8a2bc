"""What follows when money came, did not come, or went back: the order, the books and the news in one transaction."""

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


def came(work: Work, order: Order, payment: Payment) -> None:
    """The money is there; when nothing is due any more, what was ordered begins."""
    _decide(work, payment, "taken", None)
    posting = books.payment(payment.method, payment.amount)
    _post(work, payment, posting, "payment", payment.id)
    tell(work, told.payment_taken, payment)
    settled = order.receive(payment.amount)
    invoice = locked_invoice(work, cause_id=order.id)
    if invoice is not None:
        invoices.settle_from(work, invoice, payment.amount)
    if settled:
        settle(work, order)


def did_not_come(work: Work, order: Order, payment: Payment, state: str, reason: str | None) -> None:
    """The money stays due; the order is open as before."""
    _decide(work, payment, state, reason)
    order.release(payment.amount)
    tell(work, told.payment_rejected if state == "rejected" else told.payment_failed, payment)


def went_back(work: Work, order: Order, payment: Payment, refund: Refund) -> None:
    """The money is given back; when all of the order is, what was ordered is taken back."""
    refund.state = "given"
    payment.refunding -= refund.amount
    payment.refunded += refund.amount
    payment.version += 1
    credited = order.give_back(refund.amount)
    invoice = locked_invoice(work, cause_id=order.id)
    tax = 0 if invoice is None else invoices.give_back(work, invoice, refund.amount, credited=credited).tax
    posting = books.refund(payment.method, refund.amount, credited=credited, tax=tax)
    _post(work, payment, posting, "refund", refund.id)
    amounts = {"amount": money(refund.amount, refund.currency), "credited": money(credited, refund.currency)}
    tell(work, told.payment_refunded, payment, **amounts, reason=refund.reason)
    if order.state == "refunded":
        take_back(work, order.id, reason=refund.reason or "The payment was refunded.")


def tell(work: Work, event: Event, payment: Payment, **instead: Any) -> None:
    """Announce what became of a payment."""
    data = {
        "payment_id": payment.id,
        "order_id": payment.order_id,
        "order_number": payment.order_number,
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

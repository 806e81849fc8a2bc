"""What follows when money came, did not come, or went back: what it was for, books and news in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chassis.ids import new_id
from chassis.work import Work
from contracts.billing import payments as told
from contracts.language import Event
from services.billing.base import money, who
from services.billing.credit.actions import hold_account, move
from services.billing.credit_notes.actions import credit_note
from services.billing.invoices import actions as invoices
from services.billing.invoices.model import Invoice
from services.billing.invoices.queries import locked_invoice
from services.billing.ledger import rules as books
from services.billing.ledger.actions import Booking, post, post_all
from services.billing.orders.actions import begin, cancel, settle, undo
from services.billing.orders.model import Order
from services.billing.payments.allotting import shares_of, stands_of_items
from services.billing.payments.model import Payment, Refund
from services.billing.payments.queries import Owed
from services.billing.plans.actions import cover
from services.billing.plans.queries import locked_plan
from services.billing.subscriptions.model import Renewal, Subscription
from services.billing.subscriptions.renewals import owe_no_longer, renew

CREDIT = "account_credit"
GIVEN_BACK = "The payment was refunded."
TOO_LATE = "Nobody wanted it any more when it was paid."


def came(work: Work, owed: Owed, payment: Payment) -> None:
    """The money is there; when nothing is due any more, what was ordered begins, or goes on."""
    take_all(work, [payment])
    if isinstance(owed, Renewal):
        renew_with(work, [(work.session.get_one(Subscription, owed.subscription_id), owed, payment)])
        return
    settled = owed.receive(payment.amount)
    invoice = locked_invoice(work, cause_id=owed.id)
    if invoice is not None:
        invoices.settle_from(work, invoice, payment.amount)
    begins = _cover(work, owed)
    if settled:
        settle(work, owed)
    elif begins:
        begin(work, owed)


def renew_with(work: Work, paid: Sequence[tuple[Subscription, Renewal, Payment]]) -> None:
    """These cycles are paid for by what came; what came in vain is the contact's credit."""
    too_late = renew(work, [(subscription, renewal) for subscription, renewal, _ in paid])
    in_vain = [(renewal, payment) for _, renewal, payment in paid if renewal.id in too_late]
    for contact_id, currency in sorted({(payment.contact_id, payment.currency) for _, payment in in_vain}):
        hold_account(work, contact_id, currency)  # all of them before the first note draws its number
    for renewal, payment in in_vain:
        refund = asked(work, payment, payment.set_aside(None), reason=TOO_LATE, to_credit=True)
        went_back(work, renewal, payment, refund)


def asked(work: Work, payment: Payment, amount: int, *, reason: str | None, to_credit: bool, **more: Any) -> Refund:
    """Ask for so much of a payment back, that was set aside for it."""
    refund = Refund(
        id=new_id(),
        payment_id=payment.id,
        contact_id=payment.contact_id,
        amount=amount,
        currency=payment.currency,
        state="asking",
        reason=reason,
        to_credit=to_credit,
        asked_by=who(work),
        asked_at=work.now,
        **{"shares": None, "by_item": False} | more,
    )
    payment.refunds.append(refund)
    return refund


def take_all(work: Work, payments: Sequence[Payment]) -> None:
    """Write the money down; what it was for is not touched."""
    for payment in payments:
        _decide(work, payment, "taken", None)
        tell(work, told.payment_taken, payment)
    post_all(
        work,
        [
            Booking(books.payment(one.method, one.amount), one.contact_id, one.currency, "payment", one.id)
            for one in payments
        ],
    )


def did_not_come(work: Work, owed: Owed, payment: Payment, state: str, reason: str | None) -> None:
    """The money stays due, as before; but for a cycle that nobody wants any more."""
    _decide(work, payment, state, reason)
    owed.release(payment.amount)
    tell(work, told.payment_rejected if state == "rejected" else told.payment_failed, payment)
    if isinstance(owed, Renewal) and owed.forgone:
        owe_no_longer(work, work.session.get_one(Subscription, owed.subscription_id), owed)
    if isinstance(owed, Order) and is_given_up(work, owed):
        cancel(work, owed, GIVEN_BACK)


def went_back(work: Work, owed: Owed, payment: Payment, refund: Refund) -> None:
    """The money is given back; when all of an order is, what was ordered is taken back. A renewal leaves its days.

    An order of which instalments are still to come is cancelled when nothing of it is kept.
    """
    refund.state = "given"
    payment.refunding -= refund.amount
    payment.refunded += refund.amount
    payment.version += 1
    if refund.shares is None:  # it was asked for before the order was paid
        refund.shares = shares_of(work, owed, refund.amount, apart_from=refund.id)
    whole = _given_back_whole(work, owed, refund)
    invoice = locked_invoice(work, cause_id=owed.id)
    credited = owed.give_back(refund.amount)
    amounts = {"amount": money(refund.amount, refund.currency), "credited": money(credited, refund.currency)}
    to = CREDIT if refund.to_credit else "payment"
    tell(work, told.payment_refunded, payment, **amounts, to=to, reason=refund.reason)
    given_up = isinstance(owed, Order) and is_given_up(work, owed)
    if isinstance(owed, Order):
        _take_back(work, owed, refund, whole, given_up=given_up)
    account = hold_account(work, payment.contact_id, payment.currency) if refund.to_credit else None
    tax = 0 if invoice is None else _credit(work, invoice, refund, credited)  # draws a number: nothing is held after it
    if account is not None:
        move(work, account, "refunded", refund.amount, None, reason=refund.reason)
    posting = books.refund(CREDIT if refund.to_credit else payment.method, refund.amount, credited=credited, tax=tax)
    _post(work, payment, posting, "refund", refund.id)
    if isinstance(owed, Order) and given_up:
        cancel(work, owed, refund.reason)
    elif isinstance(owed, Order):
        _cover(work, owed)


def is_given_up(work: Work, order: Order) -> bool:
    """Whether nothing is kept, nor awaited, of what was paid for an order that has begun with an instalment."""
    if order.payment_plan_id is None or order.state != "open" or order.kept or order.under_way:
        return False
    return locked_plan(work, order.payment_plan_id).begun_at is not None


def _cover(work: Work, order: Order) -> bool:
    """What is kept of the money covers the instalments, if there are any; tell whether the order begins with that."""
    if order.payment_plan_id is None:
        return False
    return cover(work, locked_plan(work, order.payment_plan_id), order.kept)


def _given_back_whole(work: Work, owed: Owed, refund: Refund) -> list[str]:
    """What the contact has of the items, named by the refund, of which it leaves nothing.

    What others ask for may yet fail: the last part that is given takes the item back.
    """
    if not isinstance(owed, Order) or not refund.by_item:
        return []
    stands, shares = stands_of_items(work, owed), refund.shares or {}
    return [item.assignment_id for item in owed.items if item.id in shares and shares[item.id] == stands[item.id]]


def _take_back(work: Work, order: Order, refund: Refund, whole: list[str], *, given_up: bool) -> None:
    """What is given back whole is over, and as if it never was."""
    reason = refund.reason or GIVEN_BACK
    lost = order.state == "written_off" and not order.kept
    if order.state == "refunded" or given_up or lost:
        undo(work, order, reason)
    elif whole:
        undo(work, order, reason, only=whole)


def _credit(work: Work, invoice: Invoice, refund: Refund, credited: int) -> int:
    """Write the credit note of what is no longer sold; tell the tax in it."""
    work.session.flush()  # and nothing from here to the note: a closed invoice is never due, not for a moment
    invoice.give_back(refund.amount)
    if not credited:
        return 0
    note = credit_note(work, invoice, credited, shares=refund.shares, reason=refund.reason)
    refund.credit_note_id = note.id
    return note.tax


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

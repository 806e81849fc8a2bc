"""What settling an order means, and how one that is not paid comes to nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chassis.work import Work
from contracts.billing import orders as told
from contracts.errors import Conflict, Forbidden
from contracts.language import Request
from services.billing.assignments.actions import MEMBERSHIP, activate_paid, end_begun, take_back, withdraw
from services.billing.assignments.queries import has_begun
from services.billing.base import money
from services.billing.invoices import actions as invoices
from services.billing.invoices.model import Invoice
from services.billing.invoices.queries import locked_invoice
from services.billing.ledger import rules as books
from services.billing.ledger.actions import post
from services.billing.orders.model import Order
from services.billing.orders.queries import hold_subscriptions, locked_order, shown
from services.billing.plans.actions import close_plan
from services.billing.promo_codes.actions import give_back_use
from services.billing.subscriptions.beginning import begin_subscriptions
from services.billing.subscriptions.giving_back import stop_subscriptions
from services.billing.subscriptions.paid_days import paid_otherwise
from services.billing.subscriptions.queries import today_of
from services.billing.subscriptions.seats import seats_left, tell_never_used
from services.billing.subscriptions.selling import hold_memberships

UNPAID = "it was not paid in full"
CANCELLED = "the order was cancelled"


def settle(work: Work, order: Order) -> None:
    """All is paid: the packages begin, unless they have begun with the first instalment."""
    order.settle(work.now)
    begin(work, order)


def begin(work: Work, order: Order) -> None:
    """What was ordered begins, once."""
    work.session.flush()
    hold_what_begins(work, order)
    items = {item.assignment_id: item.id for item in order.items}
    begin_subscriptions(work, activate_paid(work, order.id), items)


def hold_what_begins(work: Work, order: Order) -> None:
    """Hold the contact's memberships, if the order has one."""
    if any(item.kind == MEMBERSHIP for item in order.items):
        hold_memberships(work, order.contact_id)


def cancel_order(work: Work, request: Request) -> dict[str, Any]:
    """Forget an order that nobody paid, so that it is owed no longer; what cost nothing is taken back with it."""
    order = locked_order(work, request.order_id)
    work.expect(order.version)
    _must_be_theirs_to_cancel(work, order)
    cancel(work, order, request.reason or None)
    return shown(order)


def _must_be_theirs_to_cancel(work: Work, order: Order) -> None:
    """Leave to who may not sell what they placed themselves, and nothing that has begun."""
    if work.actor.may("billing.sell"):
        return
    if order.placed_by_id != work.actor.id:
        raise Forbidden("The order was placed by somebody else: the team can cancel it.")
    if order.state == "paid" or has_begun(work, order.id):
        raise Conflict(f"Order {order.number} is {order.words} already, or has begun: the team can cancel it.")


def cancel(work: Work, order: Order, reason: str | None) -> None:
    """Take an order that is held back, and its invoice with it; a promo code was used if anything of it has begun."""
    total = order.cancel()
    if has_begun(work, order.id):
        undo(work, order, reason or CANCELLED)
    else:
        give_back_use(work, order.id)
    invoice = locked_invoice(work, cause_id=order.id)
    if invoice is not None:
        invoices.void(work, invoice, reason)
    elif total:  # placed by a version that issued none
        post(
            work, books.cancellation(total), contact_id=order.contact_id, currency=order.currency,
            cause="cancellation", cause_id=invoices.cause_of(order.id, "cancelled"),
        )  # fmt: skip
    withdraw(work, order.id)
    if order.payment_plan_id is not None:
        close_plan(work, order.payment_plan_id, "cancelled", reason)
    work.record(
        told.order_cancelled,
        order.contact_id,
        order_id=order.id,
        number=order.number,
        total=money(total, order.currency),
        reason=reason,
    )


def undo(work: Work, order: Order, reason: str, *, only: Sequence[str] | None = None) -> None:
    """What has begun of an order that is held, or `only` these of its assignments, is over, and as if it never was.

    A membership that runs on what was paid for otherwise since is had on.
    """
    sold = {item.assignment_id: item.id for item in order.items if only is None or item.assignment_id in only}
    left = seats_left(work, sold)
    had_on = stop_subscriptions(work, sold, reason=reason, never_was=True)
    tell_never_used(work, left, only=sold.keys() - had_on, reason=reason)
    take_back(work, order.id, reason=reason, only=sold.keys() - had_on)


def write_off(work: Work, order: Order, invoice: Invoice, reason: str | None) -> None:
    """Expect no more money for an order that is held: what was ordered and never paid in full is not given.

    What has begun with the first instalment of a plan is over, unless its days are and others are paid for by now.
    """
    order.write_off()
    invoices.write_off(work, invoice, reason)
    withdraw(work, order.id)
    if order.payment_plan_id is not None:
        close_plan(work, order.payment_plan_id, "written_off", reason)
        _end_begun(work, order)


def _end_begun(work: Work, order: Order) -> None:
    """End what is had, but for memberships whose days were paid otherwise since."""
    hold_subscriptions(work, order.contact_id)
    sold = {item.assignment_id: item.id for item in order.items}
    others = paid_otherwise(work, sold, today_of(work))
    over = {assignment_id: item for assignment_id, item in sold.items() if assignment_id not in others}
    had_on = stop_subscriptions(work, over, reason=UNPAID, never_was=False)
    end_begun(work, order.id, reason=UNPAID, only=over.keys() - had_on)

"""Placing orders, and what settling one means."""

from __future__ import annotations

from typing import Any

from chassis.ids import new_id
from chassis.work import Work
from contracts.billing import orders as told
from contracts.errors import Blocked, Invalid
from contracts.language import Request
from services.acquaintance import known_contact
from services.billing.assignments.actions import MEMBERSHIP, activate_paid, assign, end_begun, withdraw
from services.billing.base import money, who
from services.billing.invoices import actions as invoices
from services.billing.invoices.model import Invoice
from services.billing.invoices.queries import locked_invoice
from services.billing.invoices.rules import Line as Charge
from services.billing.ledger import rules as books
from services.billing.ledger.actions import post
from services.billing.numbers.actions import next_number
from services.billing.orders.model import Order, OrderItem
from services.billing.orders.queries import hold_subscriptions, locked_order, shown
from services.billing.orders.rules import amount_of, one_currency, parts_of, total_of
from services.billing.packages.model import PackageVersion
from services.billing.packages.queries import versions_on_sale
from services.billing.plans.actions import close_plan
from services.billing.plans.making import Sold, make_plan
from services.billing.subscriptions.beginning import begin_subscriptions, stop_subscriptions
from services.billing.subscriptions.selling import hold_memberships, refuse_other_terms

Line = tuple[PackageVersion, int]
UNPAID = "it was not paid in full"


def place_order(work: Work, request: Request) -> dict[str, Any]:
    """Sell packages to a contact as they stand now; with nothing to pay, the order is settled at once."""
    contact = known_contact(work, request.contact_id)
    if contact.standing != "active":
        raise Blocked("An archived contact buys nothing.", [{"pointer": "/contact_id", "detail": "Is archived."}])
    if request.sold_by is not None and work.actor.role != "service":
        raise Invalid.field("/sold_by", "Only a service asks in somebody's name.")
    lines = _lines(work, request["items"])
    refuse_other_terms(work, request.contact_id, [version for version, _ in lines])
    order = _new_order(work, request.contact_id, lines, request.sold_by or who(work))
    order.items = [_item(work, order, place, line) for place, line in enumerate(lines)]
    work.session.flush()  # the assignments, that the items point at
    if order.total == 0:
        _hold_what_begins(work, order)
        hold_subscriptions(work, order.contact_id)
    order.number = next_number(work, "order")
    work.session.add(order)
    _tell_placed(work, order)
    if request.payment_plan is not None:
        order.payment_plan_id = _plan(work, order, lines, request.payment_plan)
    if order.total == 0:
        settle(work, order)
    else:
        _issue_invoice(work, order, lines)
    return shown(order)


def settle(work: Work, order: Order) -> None:
    """All is paid: the packages begin, unless they have begun with the first instalment."""
    order.settle(work.now)
    begin(work, order)


def begin(work: Work, order: Order) -> None:
    """What was ordered begins, once."""
    work.session.flush()
    _hold_what_begins(work, order)
    items = {item.assignment_id: item.id for item in order.items}
    begin_subscriptions(work, activate_paid(work, order.id), items)


def _hold_what_begins(work: Work, order: Order) -> None:
    if any(item.kind == MEMBERSHIP for item in order.items):
        hold_memberships(work, order.contact_id)


def cancel_order(work: Work, request: Request) -> dict[str, Any]:
    """Forget an order that nobody paid, so that it is owed no longer; cancelling twice is harmless."""
    order = locked_order(work, request.order_id)
    if order.state == "cancelled":
        return shown(order)
    work.expect(order.version)
    cancel(work, order, request.reason or None)
    return shown(order)


def cancel(work: Work, order: Order, reason: str | None) -> None:
    """Take an order that is held back, and its invoice with it."""
    total = order.cancel()
    invoice = locked_invoice(work, cause_id=order.id)
    if invoice is not None:
        invoices.void(work, invoice, reason)
    else:  # placed by a version that issued none
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


def write_off(work: Work, order: Order, invoice: Invoice, reason: str | None) -> None:
    """Expect no more money for an order that is held: what was ordered and never paid in full is not given.

    What has begun with the first instalment of a plan is over.
    """
    order.write_off()
    invoices.write_off(work, invoice, reason)
    withdraw(work, order.id)
    if order.payment_plan_id is not None:
        close_plan(work, order.payment_plan_id, "written_off", reason)
        stop_subscriptions(work, order.id, reason=UNPAID)
        end_begun(work, order.id, reason=UNPAID)


def _plan(work: Work, order: Order, lines: list[Line], asked: Request) -> str:
    sold = Sold(order.id, order.number, order.contact_id, order.currency, order.total)
    return make_plan(work, asked, lines, sold).id


def _issue_invoice(work: Work, order: Order, lines: list[Line]) -> None:
    """Ask for the money, however it will be paid."""
    charges = [
        Charge(
            name=item.name,
            quantity=item.quantity,
            unit_price=item.price,
            fee=item.sign_up_fee,
            tax=version.tax,
            source_id=item.id,
        )
        for item, (version, _) in zip(order.items, lines, strict=True)
    ]
    invoice = invoices.issue(
        work, contact_id=order.contact_id, cause="order", cause_id=order.id, currency=order.currency, lines=charges
    )  # fmt: skip
    order.invoice_id = invoice.id


def _lines(work: Work, asked: list[Request]) -> list[Line]:
    versions = versions_on_sale(work, {item.package_id for item in asked})
    missing = [
        {"pointer": f"/items/{place}/package_id", "detail": "Is not a package on sale."}
        for place, item in enumerate(asked)
        if item.package_id not in versions
    ]
    if missing:
        raise Invalid("Not all items are on sale.", missing)
    return [(versions[item.package_id], item.quantity) for item in asked]


def _new_order(work: Work, contact_id: str, lines: list[Line], placed_by: str) -> Order:
    return Order(
        id=new_id(),
        contact_id=contact_id,
        state="open",
        currency=one_currency([version.currency for version, _ in lines]),
        total=total_of([parts_of(version, quantity).total for version, quantity in lines]),
        paid=0,
        refunded=0,
        credited=0,
        written_off=0,
        under_way=0,
        placed_at=work.now,
        placed_by=placed_by,
        version=1,
    )


def _item(work: Work, order: Order, place: int, line: Line) -> OrderItem:
    version, quantity = line
    parts = parts_of(version, quantity)
    assignment = assign(
        work, contact_id=order.contact_id, order_id=order.id, version=version, quantity=quantity
    )  # fmt: skip
    return OrderItem(
        id=new_id(),
        order_id=order.id,
        contact_id=order.contact_id,
        position=place,
        package_id=version.package_id,
        package_version=version.version,
        assignment_id=assignment.id,
        name=version.name,
        kind=version.kind,
        quantity=quantity,
        price=version.price,
        sign_up_fee=version.sign_up_fee or 0,
        amount=amount_of(version, quantity),
        tax=parts.tax,
        added_tax=parts.total - amount_of(version, quantity),
    )


def _tell_placed(work: Work, order: Order) -> None:
    work.record(
        told.order_placed,
        order.contact_id,
        order_id=order.id,
        number=order.number,
        total=money(order.total, order.currency),
        items=[
            {
                "package_id": item.package_id,
                "name": item.name,
                "kind": item.kind,
                "quantity": item.quantity,
                "amount": money(item.amount, order.currency),
            }
            for item in order.items
        ],
    )

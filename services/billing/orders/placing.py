"""Placing orders: what is sold, at which price, to whom."""

from __future__ import annotations

from typing import Any

from chassis.ids import new_id
from chassis.work import Work
from contracts.billing import orders as told
from contracts.errors import Blocked, Invalid
from contracts.language import Request
from services.acquaintance import known_contact
from services.billing.assignments.actions import assign
from services.billing.base import money, who
from services.billing.invoices import actions as invoices
from services.billing.invoices.rules import Line as Charge
from services.billing.numbers.actions import next_number
from services.billing.orders.actions import hold_what_begins, settle
from services.billing.orders.codes import code_for
from services.billing.orders.giving import refuse_too_generous
from services.billing.orders.model import Order, OrderItem
from services.billing.orders.pricing import Line, Price, PricedItem, priced
from services.billing.orders.queries import discount, hold_subscriptions, shown
from services.billing.packages.queries import versions_on_sale
from services.billing.plans.making import Sold, make_plan
from services.billing.plans.selling import refuse_ahead
from services.billing.promo_codes.actions import use_code
from services.billing.subscriptions.selling import refuse_other_terms


def place_order(work: Work, request: Request) -> dict[str, Any]:
    """Sell packages to a contact as they stand now; with nothing to pay, the order is settled at once."""
    contact = known_contact(work, request.contact_id)
    if contact.standing != "active":
        raise Blocked("An archived contact buys nothing.", [{"pointer": "/contact_id", "detail": "Is archived."}])
    if request.sold_by is not None and work.actor.role != "service":
        raise Invalid.field("/sold_by", "Only a service asks in somebody's name.")
    lines = _lines(work, request["items"])
    own = [item.discount for item in request["items"]]
    discounted = any([request.discount, *own])
    code = code_for(work, request.promo_code, request.contact_id, lines, discounted=discounted)
    versions = [version for version, _ in lines]
    refuse_other_terms(work, request.contact_id, versions)
    refuse_ahead(work, request.contact_id, versions, by_plan=request.payment_plan is not None)
    seller = request.sold_by or who(work)
    price = priced(lines, own=own, of_order=request.discount, given_by=seller, code=code)
    refuse_too_generous(work, price)
    order = _new_order(work, request.contact_id, price, seller)
    order.items = [_item(work, order, place, item) for place, item in enumerate(price.items)]
    if code is not None:
        use_code(work, code, order.id, order.contact_id)
    work.session.flush()  # the assignments, that the items point at
    if order.total == 0:
        hold_what_begins(work, order)
        hold_subscriptions(work, order.contact_id)
    order.number = next_number(work, "order")
    work.session.add(order)
    _tell_placed(work, order)
    if request.payment_plan is not None:
        order.payment_plan_id = _plan(work, order, price.lines, request.payment_plan)
    if order.total == 0:
        settle(work, order)
    else:
        _issue_invoice(work, order, price)
    return shown(order)


def _plan(work: Work, order: Order, lines: list[Line], asked: Request) -> str:
    sold = Sold(order.id, order.number, order.contact_id, order.currency, order.total)
    return make_plan(work, asked, lines, sold).id


def _issue_invoice(work: Work, order: Order, price: Price) -> None:
    """Ask for the money, however it will be paid."""
    charges = [
        Charge(
            name=item.name,
            quantity=item.quantity,
            unit_price=item.price,
            fee=item.sign_up_fee,
            reduction=item.reduction,
            tax=sold.version.tax,
            source_id=item.id,
        )
        for item, sold in zip(order.items, price.items, strict=True)
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


def _new_order(work: Work, contact_id: str, price: Price, placed_by: str) -> Order:
    return Order(
        id=new_id(),
        contact_id=contact_id,
        state="open",
        currency=price.currency,
        total=price.total,
        paid=0,
        refunded=0,
        credited=0,
        written_off=0,
        under_way=0,
        discount=price.discount,
        promo_code=price.promo_code,
        placed_at=work.now,
        placed_by=placed_by,
        version=1,
    )


def _item(work: Work, order: Order, place: int, sold: PricedItem) -> OrderItem:
    version = sold.version
    assignment = assign(
        work, contact_id=order.contact_id, order_id=order.id, version=version, quantity=sold.quantity
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
        quantity=sold.quantity,
        price=version.price,
        sign_up_fee=version.sign_up_fee or 0,
        amount=sold.amount,
        discount=sold.discount,
        reduction=sold.reduction,
        tax=sold.parts.tax,
        added_tax=sold.added_tax,
    )


def _tell_placed(work: Work, order: Order) -> None:
    currency = order.currency
    work.record(
        told.order_placed,
        order.contact_id,
        order_id=order.id,
        number=order.number,
        total=money(order.total, currency),
        discount=discount(order.discount, currency),
        promo_code=discount(order.promo_code, currency),
        reduction=money(order.reduction, currency),
        items=[
            {
                "package_id": item.package_id,
                "name": item.name,
                "kind": item.kind,
                "quantity": item.quantity,
                "amount": money(item.amount, currency),
                "discount": discount(item.discount, currency),
                "reduction": money(item.reduction, currency),
            }
            for item in order.items
        ],
    )

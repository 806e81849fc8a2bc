"""Placing orders: what is sold, at which price, to whom."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from chassis.ids import new_id
from chassis.work import Work
from contracts.billing import orders as told
from contracts.errors import Blocked, Conflict, Invalid, named_at
from contracts.language import Request
from services.acquaintance import KnownContact
from services.billing.addressees.actions import known_customer
from services.billing.assignments.actions import assign
from services.billing.base import money, who
from services.billing.holds.actions import keep_active
from services.billing.invoices import actions as invoices
from services.billing.invoices.rules import Line as Charge
from services.billing.numbers.actions import next_number
from services.billing.orders.actions import hold_what_begins, settle
from services.billing.orders.codes import code_for
from services.billing.orders.giving import given_freely, is_discounted, must_give, refuse_above_limit
from services.billing.orders.model import Order, OrderItem
from services.billing.orders.pricing import Line, Price, PricedItem, priced
from services.billing.orders.queries import discount, hold_subscriptions, shown
from services.billing.orders.trials import refuse_trials_again
from services.billing.packages.model import PackageVersion
from services.billing.packages.offering import Which, shelf_of
from services.billing.packages.queries import versions_on_sale
from services.billing.plans.making import Sold, make_plan
from services.billing.plans.selling import refuse_ahead
from services.billing.promo_codes.actions import use_code
from services.billing.subscriptions.selling import refuse_beyond_calendar, refuse_other_terms


def place_order(work: Work, request: Request) -> dict[str, Any]:
    """Sell packages to a contact as they stand now; with nothing to pay, the order is settled at once.

    Who orders for themselves is sold what they are shown, and nothing else is on sale.
    """
    shelf = shelf_of(work, "billing.sell")
    must_buy(buyer_of(work, request.contact_id))
    if request.sold_by is not None and work.actor.role != "service":
        raise Invalid.field("/sold_by", "Only a service asks in somebody's name.")
    if is_discounted(request):
        must_give(work)
    new = Order(id=new_id(), contact_id=request.contact_id, version=0)
    return shown(place(work, new, request, request.sold_by or who(work), shelf=shelf))


def place(work: Work, order: Order, asked: Request, seller: str, *, shelf: Which = ()) -> Order:
    """Sell what is asked for with an order that nobody has seen yet, or that is held and out of the session."""
    keep_active(work, order.contact_id)
    lines = _lines(work, asked["items"], shelf)
    code = code_for(work, asked.promo_code, order.contact_id, lines, discounted=is_discounted(asked))
    refuse_trials_again(work, order.contact_id, lines)
    versions = [version for version, _ in lines]
    refuse_other_terms(work, order.contact_id, versions)
    refuse_beyond_calendar(work, order.contact_id, lines)
    refuse_ahead(work, order.contact_id, versions, by_plan=asked.payment_plan is not None)
    own = [item.discount for item in asked["items"]]
    price = priced(lines, own=own, of_order=asked.discount, given_by=seller, code=code)
    refuse_above_limit(work, price, but=given_freely(asked))
    stand_at(order, price)
    order.state, order.placed_at, order.placed_by, order.draft = "open", work.now, seller, None
    order.placed_by_id = work.actor.id
    order.version += 1
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
    if asked.payment_plan is not None:
        order.payment_plan_id = _plan(work, order, price.lines, asked.payment_plan)
    if order.total == 0:
        settle(work, order)
    else:
        _issue_invoice(work, order, price)
    return order


def buyer_of(work: Work, contact_id: str) -> KnownContact:
    """Who is to buy, named in the body of a request; first of all, since contacts may have to be asked."""
    with named_at("/contact_id"):
        return known_customer(work, contact_id)


def must_buy(contact: KnownContact) -> None:
    """Refuse to sell anything to whom is archived."""
    if contact.standing != "active":
        raise Blocked("An archived contact buys nothing.", [{"pointer": "/contact_id", "detail": "Is archived."}])


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


def _lines(work: Work, asked: list[Request], shelf: Which) -> list[Line]:
    versions = versions_on_sale(work, {item.package_id for item in asked}, shelf)
    missing = not_on_sale(asked, versions)
    if missing:
        raise Invalid("Not all items are on sale.", missing)
    lines = [(versions[item.package_id], item.quantity) for item in asked]
    changed = changed_since(asked, [version for version, _ in lines])
    if changed:
        raise Conflict("Not all items are as they were shown.", changed)
    return lines


def not_on_sale(asked: list[Request], on_sale: Container[str]) -> list[dict[str, str]]:
    """The items whose package is not among those on sale, each at its place."""
    return [
        {"pointer": f"/items/{place}/package_id", "detail": "Is not a package on sale."}
        for place, item in enumerate(asked)
        if item.package_id not in on_sale
    ]


def changed_since(asked: list[Request], versions: Sequence[PackageVersion]) -> list[dict[str, str]]:
    """The items whose package is another than the one that was shown, each at its place."""
    return [
        {"pointer": f"/items/{place}/package_version", "detail": f"“{now.name}” was changed since it was shown."}
        for place, (item, now) in enumerate(zip(asked, versions, strict=True))
        if item.package_version not in (None, now.version)
    ]


def stand_at(order: Order, price: Price) -> None:
    """Let an order, of which nothing is paid yet, come to this price."""
    order.currency, order.total = price.currency, price.total
    order.paid = order.refunded = order.credited = order.written_off = order.under_way = 0
    order.discount, order.promo_code = price.discount, price.promo_code


def _item(work: Work, order: Order, place: int, sold: PricedItem) -> OrderItem:
    assignment = assign(
        work, contact_id=order.contact_id, order_id=order.id, version=sold.version, quantity=sold.quantity
    )  # fmt: skip
    item = line_of(order, place, sold)
    item.id, item.assignment_id = new_id(), assignment.id
    return item


def line_of(order: Order, place: int, sold: PricedItem) -> OrderItem:
    """A line as it is sold, before it is anybody's."""
    version = sold.version
    return OrderItem(
        order_id=order.id,
        contact_id=order.contact_id,
        position=place,
        package_id=version.package_id,
        package_version=version.version,
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

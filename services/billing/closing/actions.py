"""Closing an invoice by hand, and with it what it asks to be paid for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.work import Work
from contracts.errors import NotFound
from contracts.language import Request
from services.billing.invoices.model import Invoice
from services.billing.invoices.queries import locked_invoice, shown
from services.billing.orders import actions as orders
from services.billing.orders.model import Order
from services.billing.orders.queries import locked_order
from services.billing.subscriptions import renewals
from services.billing.subscriptions.model import Renewal, Subscription
from services.billing.subscriptions.queries import locked_renewal
from services.billing.subscriptions.waiving import waive

Sold = Order | tuple[Subscription, Renewal]


def void_invoice(work: Work, request: Request) -> dict[str, Any]:
    """Nobody meant it: an order is cancelled with it, a cycle waived."""
    sold, invoice = _held(work, request.invoice_id)
    work.expect(invoice.version)
    invoice.must_be_open("voided")
    if isinstance(sold, Order):
        orders.cancel(work, sold, request.reason)
    else:
        waive(work, *sold, request.reason)
    return shown(invoice)


def write_off_invoice(work: Work, request: Request) -> dict[str, Any]:
    """Nobody expects the rest of it any more: what was ordered and is not paid in full is not given."""
    sold, invoice = _held(work, request.invoice_id)
    work.expect(invoice.version)
    invoice.must_be_open("written off")
    if isinstance(sold, Order):
        orders.write_off(work, sold, invoice, request.reason)
    else:
        renewals.write_off_renewal(work, *sold, request.reason)
    return shown(invoice)


def _held(work: Work, invoice_id: str) -> tuple[Sold, Invoice]:
    """The invoice and what it is of, that first as everywhere, nobody else's until this transaction ends."""
    found = work.session.execute(select(Invoice.cause, Invoice.cause_id).where(Invoice.id == invoice_id)).one_or_none()
    if found is None:
        raise NotFound("There is no such invoice.")
    of = locked_order if found.cause == "order" else locked_renewal
    sold = of(work, found.cause_id)
    invoice = locked_invoice(work, cause_id=found.cause_id)
    assert invoice is not None  # it is never taken away
    return sold, invoice

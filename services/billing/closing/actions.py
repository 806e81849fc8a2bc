"""Closing an invoice by hand, and with it what it asks to be paid for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.work import Work
from contracts.errors import NotFound
from contracts.language import Request
from services.billing.invoices import actions as invoices
from services.billing.invoices.model import Invoice
from services.billing.invoices.queries import locked_invoice, shown
from services.billing.orders import actions as orders
from services.billing.orders.model import Order
from services.billing.orders.queries import locked_order


def void_invoice(work: Work, request: Request) -> dict[str, Any]:
    """Nobody meant it: an order is cancelled with it."""
    order, invoice = _held(work, request.invoice_id)
    work.expect(invoice.version)
    invoice.must_be_open("voided")
    if order is not None:
        orders.cancel(work, order, request.reason)
    else:
        invoices.void(work, invoice, request.reason)
    return shown(invoice)


def write_off_invoice(work: Work, request: Request) -> dict[str, Any]:
    """Nobody expects the rest of it any more: what was ordered and is not paid in full is not given."""
    order, invoice = _held(work, request.invoice_id)
    work.expect(invoice.version)
    invoice.must_be_open("written off")
    if order is not None:
        orders.write_off(work, order, invoice, request.reason)
    else:
        invoices.write_off(work, invoice, request.reason)
    return shown(invoice)


def _held(work: Work, invoice_id: str) -> tuple[Order | None, Invoice]:
    """The invoice and its order, the order first as everywhere, nobody else's until this transaction ends."""
    found = work.session.execute(select(Invoice.cause, Invoice.cause_id).where(Invoice.id == invoice_id)).one_or_none()
    if found is None:
        raise NotFound("There is no such invoice.")
    order = locked_order(work, found.cause_id) if found.cause == "order" else None
    invoice = locked_invoice(work, cause_id=found.cause_id)
    assert invoice is not None  # it is never taken away
    return order, invoice

"""What was asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, cast, func, select
from sqlalchemy.orm import lazyload

from chassis.pages import keys_for, narrowed, page_of
from chassis.work import Work
from contracts.errors import Invalid, NotFound
from contracts.language import Request
from services.billing.base import money
from services.billing.invoices.model import Invoice, InvoiceLine

_FIELDS = (
    "id", "number", "contact_id", "cause", "cause_id", "state", "due_on", "reason", "issued_at", "issued_by",
    "billed_to", "closed_at", "version",
)  # fmt: skip
_AMOUNTS = ("net", "tax", "total", "paid", "refunded", "credited", "written_off", "due")
_ORDERS: dict[str, list[Any]] = {"oldest": [Invoice.number], "total": [Invoice.total, Invoice.id]}


def get_invoice(work: Work, request: Request) -> dict[str, Any]:
    """The invoice with its lines."""
    invoice = work.session.get(Invoice, request.invoice_id)
    if invoice is None:
        raise NotFound("There is no such invoice.")
    return shown(invoice)


def list_invoices(work: Work, request: Request) -> dict[str, Any]:
    """Invoices, by number, newest first."""
    columns = (Invoice.contact_id, Invoice.state, Invoice.number, Invoice.cause_id)
    invoices = narrowed(select(Invoice), request, *columns)
    since, until = request.issued_from, request.issued_until
    if since is not None and until is not None and until < since:
        raise Invalid.field("/issued_until", "Lies before issued_from.")
    if since is not None:
        invoices = invoices.where(Invoice.issued_at >= _midnight(since))
    if until is not None and until < dt.date.max:
        invoices = invoices.where(Invoice.issued_at < _midnight(until + dt.timedelta(days=1)))
    page = page_of(work, invoices, keys_for(request.sort, **_ORDERS), request)
    return page | {"items": [shown(invoice) for invoice in page["items"]]}


def dues_of(work: Work, contact_id: str) -> list[dict[str, Any]]:
    """What the contact owes, one sum per currency: what the books call receivable, read off the few open invoices."""
    invoice = Invoice.__table__.c
    due = invoice.total - invoice.credited - invoice.written_off - (invoice.paid - invoice.refunded)
    owed = (
        select(invoice.currency, cast(func.sum(due), BigInteger))
        .where(invoice.contact_id == contact_id, invoice.state == "open")
        .group_by(invoice.currency)
        .order_by(invoice.currency)
    )
    return [money(amount, currency) for currency, amount in work.session.execute(owed) if amount]


def locked_invoice(work: Work, *, cause_id: str) -> Invoice | None:
    """The invoice of an order or a renewal, nobody else's to change until this transaction ends; None: it has none.

    Whoever sold is locked before, as everywhere.
    """
    return locked_invoices(work, [cause_id]).get(cause_id)


def locked_invoices(work: Work, cause_ids: Collection[str], *, lines: bool = True) -> dict[str, Invoice]:
    """The invoices of these orders or renewals, by what they are of; locked as one is. `lines` are read with them."""
    wanted = select(Invoice).where(Invoice.cause_id.in_(sorted(cause_ids))).order_by(Invoice.id).with_for_update()
    if not lines:
        wanted = wanted.options(lazyload(Invoice.lines))
    return {each.cause_id: each for each in work.session.scalars(wanted.execution_options(populate_existing=True))}


def shown(invoice: Invoice) -> dict[str, Any]:
    """An invoice as the contract says it."""
    return (
        {field: getattr(invoice, field) for field in _FIELDS}
        | {field: money(getattr(invoice, field), invoice.currency) for field in _AMOUNTS}
        | {"lines": [_line(line, invoice.currency) for line in invoice.lines]}
    )


def _line(line: InvoiceLine, currency: str) -> dict[str, Any]:
    amounts = {"net": line.net, "tax_amount": line.tax, "total": line.parts.total}
    amounts |= {"unit_price": line.unit_price, "fee": line.fee, "reduction": line.reduction, "credited": line.credited}
    tax = {"name": line.tax_name, "basis_points": line.tax_basis_points, "inclusive": line.tax_inclusive}
    return {field: getattr(line, field) for field in ("id", "name", "quantity")} | {
        "tax": None if line.tax_name is None else tax,
        **{field: money(amount, currency) for field, amount in amounts.items()},
    }


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)

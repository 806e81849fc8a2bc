"""Issuing invoices, and what becomes of them: the invoice, the books and the news in one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from chassis.ids import new_id
from chassis.work import Work
from contracts.billing import invoices as told
from contracts.language import Event
from services.billing.addressees.queries import addressees_of
from services.billing.base import money, who
from services.billing.invoices.model import Invoice, InvoiceLine
from services.billing.invoices.rules import Line, sum_of
from services.billing.ledger import rules as books
from services.billing.ledger.actions import Booking, post, post_all
from services.billing.numbers.actions import next_numbers


@dataclass(frozen=True)
class Asked:
    """What an invoice is asked for; see `issue`."""

    contact_id: str
    cause: str
    cause_id: str
    currency: str
    lines: Sequence[Line]
    due_on: dt.date | None = None


def issue(
    work: Work,
    *,
    contact_id: str,
    cause: str,
    cause_id: str,
    currency: str,
    lines: Sequence[Line],
    due_on: dt.date | None = None,
) -> Invoice:
    """Ask a contact to pay for an order or a renewal, and write the sale into the books; nothing to pay is paid.

    The number is drawn here and its counter held until the commit: do whatever else has to be done before.
    """
    [invoice] = issue_all(work, [Asked(contact_id, cause, cause_id, currency, lines, due_on)])
    return invoice


def issue_all(work: Work, asked: Sequence[Asked]) -> list[Invoice]:
    """Issue many at once, as `issue` does one, with numbers in their order."""
    addressees = addressees_of(work, {one.contact_id for one in asked})
    invoices = [_invoice(work, one, addressees.get(one.contact_id)) for one in asked]
    work.session.flush()  # what was done before
    first = next_numbers(work, "invoice", len(invoices)) if invoices else 0
    for number, invoice in enumerate(invoices, first):
        invoice.number = number
        work.session.add(invoice)
        _tell(work, told.invoice_issued, invoice)
        if invoice.total == 0:
            invoice.receive(0, work.now)
            _tell(work, told.invoice_paid, invoice)
    post_all(work, [_sale(invoice) for invoice in invoices])
    return invoices


def _sale(invoice: Invoice) -> Booking:
    posting = books.sale(invoice.net, invoice.tax)
    return Booking(posting, invoice.contact_id, invoice.currency, invoice.cause, invoice.cause_id)


def _invoice(work: Work, asked: Asked, billed_to: dict[str, Any] | None) -> Invoice:
    whole = sum_of([line.parts for line in asked.lines])
    invoice = Invoice(
        id=new_id(),
        contact_id=asked.contact_id,
        cause=asked.cause,
        cause_id=asked.cause_id,
        state="open",
        currency=asked.currency,
        net=whole.net,
        tax=whole.tax,
        total=whole.total,
        paid=0,
        refunded=0,
        credited=0,
        written_off=0,
        due_on=asked.due_on,
        issued_at=work.now,
        issued_by=who(work),
        billed_to=billed_to,
        version=1,
    )
    invoice.lines = [_line(invoice, place, line) for place, line in enumerate(asked.lines)]
    return invoice


def settle_from(work: Work, invoice: Invoice, amount: int) -> None:
    """Money came for it: whoever took it has written that into the books."""
    if invoice.receive(amount, work.now):
        _tell(work, told.invoice_paid, invoice)


def void(work: Work, invoice: Invoice, reason: str | None) -> None:
    """It was never meant: nothing was sold, and nothing is owed."""
    void_all(work, [(invoice, reason)])


def void_all(work: Work, voided: Sequence[tuple[Invoice, str | None]]) -> None:
    """Void many at once, each for its reason, as `void` does one."""
    for invoice, reason in voided:
        invoice.void(work.now, reason)
        _tell(work, told.invoice_voided, invoice)
    post_all(work, [_cancellation(invoice) for invoice, _ in voided])


def _cancellation(invoice: Invoice) -> Booking:
    posting = books.cancellation(invoice.net, invoice.tax)
    cause_id = cause_of(invoice.cause_id, "cancelled")
    return Booking(posting, invoice.contact_id, invoice.currency, "cancellation", cause_id)


def write_off(work: Work, invoice: Invoice, reason: str | None) -> int:
    """Nobody expects the rest any more: it is a loss and not owed; tell how much that is."""
    amount = invoice.write_off(work.now, reason)
    _post(work, invoice, books.write_off(amount), "write_off", cause_of(invoice.id, "written off"))
    _tell(work, told.invoice_written_off, invoice, amount=money(amount, invoice.currency))
    return amount


def cause_of(id: str, what: str) -> str:
    """What a further posting about the same thing is caused by: its own id is the cause of its sale."""
    return str(uuid5(UUID(id), what))


def _line(invoice: Invoice, place: int, line: Line) -> InvoiceLine:
    tax = line.tax
    return InvoiceLine(
        id=new_id(),
        invoice_id=invoice.id,
        contact_id=invoice.contact_id,
        position=place,
        source_id=line.source_id,
        name=line.name,
        quantity=line.quantity,
        unit_price=line.unit_price,
        fee=line.fee,
        reduction=line.reduction,
        tax_rate_id=tax and tax.rate_id,
        tax_name=tax and tax.name,
        tax_basis_points=None if tax is None else tax.basis_points,
        tax_inclusive=None if tax is None else tax.inclusive,
        net=line.parts.net,
        tax=line.parts.tax,
        credited=0,
    )


def _post(work: Work, invoice: Invoice, posting: books.Posting, cause: str, cause_id: str) -> None:
    post(
        work, posting, contact_id=invoice.contact_id, currency=invoice.currency, cause=cause, cause_id=cause_id
    )  # fmt: skip


def _tell(work: Work, event: Event, invoice: Invoice, **instead: Any) -> None:
    total = money(invoice.total, invoice.currency)
    data = {
        "invoice_id": invoice.id,
        "number": invoice.number,
        "cause": invoice.cause,
        "cause_id": invoice.cause_id,
        "total": total,
        "amount": total,
        "due_on": invoice.due_on,
        "reason": invoice.reason,
    }
    work.record(event, invoice.contact_id, **data | instead)

"""Drawing invoices and credit notes, once each, and having them sent."""

from __future__ import annotations

import io
from typing import Any

from sqlalchemy import ColumnElement, func, select, update

from chassis import storage
from chassis.cpu import alone_in_thread
from chassis.work import Work
from contracts.billing import papers as told
from contracts.errors import Conflict, NotFound
from contracts.language import Request
from services.acquaintance import known_contact
from services.billing.base import money
from services.billing.credit_notes import queries as credit_notes
from services.billing.credit_notes.model import CreditNote
from services.billing.invoices.model import Invoice
from services.billing.invoices.queries import shown
from services.billing.orders.queries import order_of
from services.billing.papers.layout import draw
from services.billing.papers.queries import credit_note_paper, invoice_paper
from services.billing.papers.rules import Paper
from services.billing.payments.model import Payment

LARGEST = 20_000_000


def get_invoice_pdf(work: Work, request: Request) -> dict[str, Any]:
    """Tell where the PDF of an invoice lies."""
    return _invoice_file(work, request.invoice_id)


def get_credit_note_pdf(work: Work, request: Request) -> dict[str, Any]:
    """Tell where the PDF of a credit note lies."""
    note = _credit_note(work, request.credit_note_id)
    return _file_of(work, CreditNote, note, credit_note_paper(work, note))


def send_invoice(work: Work, request: Request) -> dict[str, Any]:
    """Have an invoice sent to its contact by e-mail; who is archived is sent nothing, and nobody one that is void."""
    _must_be_reachable(work, Invoice, request.invoice_id)
    file = _invoice_file(work, request.invoice_id)
    invoice = _invoice(work, request.invoice_id)
    if invoice.is_void:
        raise Conflict(f"Invoice {invoice.number} is void: nobody is asked to pay it.")
    work.record(
        told.invoice_send_asked,
        invoice.contact_id,
        invoice_id=invoice.id,
        number=invoice.number,
        total=money(invoice.total, invoice.currency),
        due=money(invoice.due, invoice.currency),
        **file,
    )
    return shown(invoice)


def send_invoice_of_order(work: Work, request: Request) -> dict[str, Any]:
    """Have the invoice of an order sent."""
    order = order_of(work.reading, request.order_id)
    if order.is_draft:
        raise Conflict("There is no invoice: the order is a draft.")
    return _send(work, order.id)


def send_invoice_of_payment(work: Work, request: Request) -> dict[str, Any]:
    """Have the invoice sent that a payment was for."""
    paid_for = func.coalesce(Payment.order_id, Payment.renewal_id)
    cause_id = work.reading.scalar(select(paid_for).where(Payment.id == request.payment_id))
    if cause_id is None:
        raise NotFound("There is no such payment.")
    return _send(work, cause_id)


def send_credit_note(work: Work, request: Request) -> dict[str, Any]:
    """Have a credit note sent, as an invoice is."""
    _must_be_reachable(work, CreditNote, request.credit_note_id)
    note = _credit_note(work, request.credit_note_id)
    file = _file_of(work, CreditNote, note, credit_note_paper(work, note))
    work.record(
        told.credit_note_send_asked,
        note.contact_id,
        credit_note_id=note.id,
        number=note.number,
        invoice_number=note.invoice_number,
        total=money(note.total, note.currency),
        **file,
    )
    return credit_notes.shown(note)


def _send(work: Work, cause_id: str) -> dict[str, Any]:
    invoice_id = work.reading.scalar(select(Invoice.id).where(Invoice.cause_id == cause_id))
    if invoice_id is None:
        raise Conflict("There is no invoice: nothing was to be paid.")
    request = Request({"invoice_id": invoice_id})
    return send_invoice(work, request)


def _must_be_reachable(work: Work, table: Any, id: str) -> None:
    """Refuse what is somebody's without an address; before the transaction, since contacts may have to be asked."""
    contact_id = work.reading.scalar(select(table.contact_id).where(table.id == id))
    contact = contact_id and known_contact(work, contact_id, active=True)
    if contact and contact.complete and not contact.email:
        raise Conflict(f"{contact.display_name} has no e-mail address.")


def _invoice(work: Work, invoice_id: str) -> Invoice:
    invoice = work.session.get(Invoice, invoice_id)
    if invoice is None:
        raise NotFound("There is no such invoice.")
    return invoice


def _credit_note(work: Work, credit_note_id: str) -> CreditNote:
    note = work.session.get(CreditNote, credit_note_id)
    if note is None:
        raise NotFound("There is no such credit note.")
    return note


def _invoice_file(work: Work, invoice_id: str) -> dict[str, str]:
    """The file of an invoice as it stands: one that is voided while it is drawn is drawn again."""
    while True:
        invoice = _invoice(work, invoice_id)
        still = Invoice.state == "void" if invoice.is_void else Invoice.state != "void"
        file = _file_of(work, Invoice, invoice, invoice_paper(work, invoice), still)
        if file["file_key"]:
            return file


def _file_of(work: Work, table: Any, drawn: Any, paper: Paper, *still: ColumnElement[bool]) -> dict[str, str]:
    """The file, drawn with nothing held if it is not there yet; of two drawn at once the first stays.

    What is not `still` as it was drawn has no file yet: its key is empty.
    """
    key: str | None = drawn.file_key
    if key is None:
        work.commit()
        # Stored from the green thread: a native one may wait for ever on the locks that a bucket's client shares.
        made = storage.put(io.BytesIO(alone_in_thread(draw, paper)), limit=LARGEST, prefix="invoices")
        first = update(table).where(table.id == paper.id, table.file_key.is_(None), *still).values(file_key=made)
        if work.session.scalar(first.returning(table.id).execution_options(synchronize_session=False)) is None:
            storage.delete(made)
        key = work.session.scalar(select(table.file_key).where(table.id == paper.id))
    return {"file_key": key or "", "file_name": paper.file_name}

"""Invoices and credit notes on paper, and sending them by e-mail."""

from __future__ import annotations

from marshmallow import fields

from contracts.billing.credit_notes import CreditNote, CreditNoteId
from contracts.billing.invoices import Invoice, InvoiceId
from contracts.billing.orders import OrderId
from contracts.billing.payments import PaymentId
from contracts.documents.agreements import PdfFile
from contracts.errors import Blocked, Conflict, Merged, NotFound
from contracts.language import Event, Id, Money, Rpc, Schema

_drawing = "It is drawn now if it is not there yet, which is why this counts as a write."
_sending = "By e-mail, as a PDF; one that is void is not sent; asked with another Idempotency-Key it is sent again."
_refusals = (NotFound, Conflict, Blocked, Merged)


class InvoiceSendAsked(Schema):
    """An invoice that is to be sent to its contact; its PDF lies under `file_key`."""

    invoice_id = Id(required=True)
    number = fields.Integer(required=True)
    total = fields.Nested(Money, required=True)
    due = fields.Nested(Money, required=True)
    file_key = fields.String(required=True)
    file_name = fields.String(required=True)


class CreditNoteSendAsked(Schema):
    """A credit note that is to be sent to its contact; its PDF lies under `file_key`."""

    credit_note_id = Id(required=True)
    number = fields.Integer(required=True)
    invoice_number = fields.Integer(required=True)
    total = fields.Nested(Money, required=True)
    file_key = fields.String(required=True)
    file_name = fields.String(required=True)


get_invoice_pdf = Rpc(
    "billing", "get_invoice_pdf", needs="purchases.read", takes=InvoiceId, gives=PdfFile, remembered=False,
    raises=(NotFound,), deadline=20.0, about=_drawing,
)  # fmt: skip
get_credit_note_pdf = Rpc(
    "billing", "get_credit_note_pdf", needs="purchases.read", takes=CreditNoteId, gives=PdfFile, remembered=False,
    raises=(NotFound,), deadline=20.0, about=_drawing,
)  # fmt: skip
send_invoice = Rpc(
    "billing", "send_invoice", needs="billing.sell", takes=InvoiceId, gives=Invoice, raises=_refusals, deadline=20.0,
    about=_sending,
)  # fmt: skip
send_invoice_of_order = Rpc(
    "billing", "send_invoice_of_order", needs="billing.sell", takes=OrderId, gives=Invoice, raises=_refusals,
    deadline=20.0, about=_sending,
)  # fmt: skip
send_invoice_of_payment = Rpc(
    "billing", "send_invoice_of_payment", needs="billing.sell", takes=PaymentId, gives=Invoice, raises=_refusals,
    deadline=20.0, about=_sending,
)  # fmt: skip
send_credit_note = Rpc(
    "billing", "send_credit_note", needs="billing.sell", takes=CreditNoteId, gives=CreditNote, raises=_refusals,
    deadline=20.0, about=_sending,
)  # fmt: skip

invoice_send_asked = Event(
    "billing", "invoice.send_asked", data=InvoiceSendAsked, about="An invoice is to be sent; told again as a message."
)
credit_note_send_asked = Event(
    "billing", "credit_note.send_asked", data=CreditNoteSendAsked,
    about="A credit note is to be sent; told again as a message.",
)  # fmt: skip

"""Invoices: what contacts were asked to pay, numbered without a gap, and the credit notes that take some of it back."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.billing.addressees import BilledTo
from contracts.billing.card_numbers import NoCardNumbers
from contracts.errors import Conflict, Invalid, NotFound, Stale
from contracts.language import Boolean, Event, Id, Moment, Money, PageRequest, Rpc, Schema, Sort, Text, page_of

INVOICE_STATES = ("open", "paid", "void", "written_off")
CAUSES = ("order", "renewal")


class InvoiceId(Schema):
    """Which invoice."""

    invoice_id = Id(required=True)


class CloseInvoice(InvoiceId, NoCardNumbers):
    """Which invoice is not to be paid any more, and why."""

    reason = Text(required=True, min=1, max=500)


class ListInvoices(PageRequest):
    """By number, newest first; `issued_from` and `issued_until` are days of UTC, both included."""

    contact_id = Id()
    state = fields.String(validate=validate.OneOf(INVOICE_STATES))
    number = fields.Integer(strict=False, validate=validate.Range(1, 2**53))
    cause_id = Id(metadata={"description": "of the order, or of the renewal"})
    issued_from = fields.Date()
    issued_until = fields.Date()
    sort = Sort("newest", "oldest", "total", "-total")


class LineTax(Schema):
    """The tax of a line, as it was when it was sold; 1900 basis points are 19 %."""

    name = fields.String(required=True)
    basis_points = fields.Integer(required=True)
    inclusive = Boolean(required=True, metadata={"description": "whether the price has it in it"})


class InvoiceLine(Schema):
    """A line: `total` = `net` + `tax_amount`; `credited` of it was taken back by credit notes."""

    id = Id(required=True)
    name = fields.String(required=True)
    quantity = fields.Integer(required=True)
    unit_price = fields.Nested(Money, required=True)
    fee = fields.Nested(Money, required=True, metadata={"description": "charged once, whatever the quantity"})
    reduction = fields.Nested(Money, required=True, metadata={"description": "taken off both, before tax"})
    tax = fields.Nested(LineTax, required=True, allow_none=True)
    net = fields.Nested(Money, required=True)
    tax_amount = fields.Nested(Money, required=True)
    total = fields.Nested(Money, required=True)
    credited = fields.Nested(Money, required=True)


class Invoice(Schema):
    """An invoice: `due` = `total` − `credited` − `written_off` − (`paid` − `refunded`)."""

    id = Id(required=True)
    number = fields.Integer(required=True)
    contact_id = Id(required=True)
    cause = fields.String(required=True, validate=validate.OneOf(CAUSES))
    cause_id = Id(required=True)
    state = fields.String(required=True, validate=validate.OneOf(INVOICE_STATES))
    net = fields.Nested(Money, required=True)
    tax = fields.Nested(Money, required=True)
    total = fields.Nested(Money, required=True)
    paid = fields.Nested(Money, required=True)
    refunded = fields.Nested(Money, required=True)
    credited = fields.Nested(Money, required=True)
    written_off = fields.Nested(Money, required=True)
    due = fields.Nested(Money, required=True)
    due_on = fields.Date(required=True, allow_none=True)
    lines = fields.List(fields.Nested(InvoiceLine), required=True)
    reason = fields.String(required=True, allow_none=True, metadata={"description": "why it is void or written off"})
    issued_at = Moment(required=True)
    issued_by = fields.String(required=True, allow_none=True)
    billed_to = fields.Nested(BilledTo, required=True, allow_none=True)
    closed_at = Moment(required=True, allow_none=True)
    version = fields.Integer(required=True)


class InvoiceTold(Schema):
    """An invoice as it is told; `amount` is what was written off, of the other events the `total`."""

    invoice_id = Id(required=True)
    number = fields.Integer(required=True)
    cause = fields.String(required=True)
    cause_id = Id(required=True)
    total = fields.Nested(Money, required=True)
    amount = fields.Nested(Money, required=True)
    due_on = fields.Date(allow_none=True)
    reason = fields.String(allow_none=True)


get_invoice = Rpc(
    "billing", "get_invoice", needs="purchases.read", takes=InvoiceId, gives=Invoice, raises=(NotFound,), writes=False
)
list_invoices = Rpc(
    "billing", "list_invoices", needs="purchases.read", takes=ListInvoices, gives=page_of(Invoice), raises=(Invalid,),
    writes=False,
)  # fmt: skip
void_invoice = Rpc(
    "billing", "void_invoice", needs="billing.correct", takes=CloseInvoice, gives=Invoice,
    raises=(NotFound, Invalid, Conflict, Stale), about="It was never meant; an order is cancelled with it.",
)  # fmt: skip
write_off_invoice = Rpc(
    "billing", "write_off_invoice", needs="billing.correct", takes=CloseInvoice, gives=Invoice,
    raises=(NotFound, Invalid, Conflict, Stale), about="The rest is not expected any more, and not owed.",
)  # fmt: skip

invoice_issued = Event("billing", "invoice.issued", data=InvoiceTold, about="A contact is asked to pay.")
invoice_paid = Event("billing", "invoice.paid", data=InvoiceTold, about="Nothing is due on it any more.")
invoice_voided = Event("billing", "invoice.voided", data=InvoiceTold, about="It is as if it was never asked for.")
invoice_written_off = Event(
    "billing", "invoice.written_off", data=InvoiceTold, about="The business does not expect this money any more."
)

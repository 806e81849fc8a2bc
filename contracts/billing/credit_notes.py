"""Credit notes: what of an invoice is taken back, each with a number of its own."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.billing.addressees import BilledTo
from contracts.errors import Invalid, NotFound
from contracts.language import Event, Id, Moment, Money, PageRequest, Rpc, Schema, Sort, page_of


class CreditNoteId(Schema):
    """Which credit note."""

    credit_note_id = Id(required=True)


class ListCreditNotes(PageRequest):
    """By number, newest first."""

    contact_id = Id()
    invoice_id = Id()
    number = fields.Integer(validate=validate.Range(1, 2**53))
    sort = Sort("newest", "oldest")


class CreditNoteLine(Schema):
    """What of a line of the invoice is taken back."""

    invoice_line_id = Id(required=True)
    name = fields.String(required=True)
    net = fields.Nested(Money, required=True)
    tax_amount = fields.Nested(Money, required=True)
    total = fields.Nested(Money, required=True)


class CreditNote(Schema):
    """A credit note; it never changes."""

    id = Id(required=True)
    number = fields.Integer(required=True)
    invoice_id = Id(required=True)
    invoice_number = fields.Integer(required=True)
    contact_id = Id(required=True)
    net = fields.Nested(Money, required=True)
    tax = fields.Nested(Money, required=True)
    total = fields.Nested(Money, required=True)
    lines = fields.List(fields.Nested(CreditNoteLine), required=True)
    reason = fields.String(required=True, allow_none=True)
    issued_at = Moment(required=True)
    issued_by = fields.String(required=True, allow_none=True)
    billed_to = fields.Nested(BilledTo, required=True, allow_none=True)


class CreditNoteTold(Schema):
    """A credit note as it is told."""

    credit_note_id = Id(required=True)
    number = fields.Integer(required=True)
    invoice_id = Id(required=True)
    invoice_number = fields.Integer(required=True)
    total = fields.Nested(Money, required=True)
    reason = fields.String(allow_none=True)


get_credit_note = Rpc(
    "billing", "get_credit_note", needs="purchases.read", takes=CreditNoteId, gives=CreditNote, raises=(NotFound,),
    writes=False,
)  # fmt: skip
list_credit_notes = Rpc(
    "billing", "list_credit_notes", needs="purchases.read", takes=ListCreditNotes, gives=page_of(CreditNote),
    raises=(Invalid,), writes=False,
)  # fmt: skip

credit_note_issued = Event(
    "billing", "credit_note.issued", data=CreditNoteTold, about="Something of an invoice is taken back."
)

"""What was taken back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.pages import keys_for, narrowed, page_of
from chassis.work import Work
from contracts.errors import NotFound
from contracts.language import Request
from services.billing.base import money
from services.billing.credit_notes.model import CreditNote, CreditNoteLine

_FIELDS = (
    "id",
    "number",
    "invoice_id",
    "invoice_number",
    "contact_id",
    "reason",
    "issued_at",
    "issued_by",
    "billed_to",
)


def get_credit_note(work: Work, request: Request) -> dict[str, Any]:
    """The credit note with its lines."""
    note = work.session.get(CreditNote, request.credit_note_id)
    if note is None:
        raise NotFound("There is no such credit note.")
    return shown(note)


def list_credit_notes(work: Work, request: Request) -> dict[str, Any]:
    """Credit notes, by number, newest first."""
    notes = narrowed(select(CreditNote), request, CreditNote.contact_id, CreditNote.invoice_id, CreditNote.number)
    page = page_of(work, notes, keys_for(request.sort, oldest=[CreditNote.number]), request)
    return page | {"items": [shown(note) for note in page["items"]]}


def shown(note: CreditNote) -> dict[str, Any]:
    """A credit note as the contract says it."""
    return (
        {field: getattr(note, field) for field in _FIELDS}
        | {field: money(getattr(note, field), note.currency) for field in ("net", "tax", "total")}
        | {"lines": [_line(line, note.currency) for line in note.lines]}
    )


def _line(line: CreditNoteLine, currency: str) -> dict[str, Any]:
    amounts = {"net": line.net, "tax_amount": line.tax, "total": line.parts.total}
    told = {"invoice_line_id": line.invoice_line_id, "name": line.name}
    return told | {field: money(amount, currency) for field, amount in amounts.items()}

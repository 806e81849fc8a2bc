"""Taking something of an invoice back."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.ids import new_id
from chassis.work import Work
from contracts.billing import credit_notes as told
from services.billing.addressees.queries import addressees_of
from services.billing.base import money, who
from services.billing.credit_notes.model import CreditNote, CreditNoteLine
from services.billing.invoices.model import Invoice
from services.billing.invoices.rules import spread, sum_of
from services.billing.numbers.actions import next_number


def credit_note(
    work: Work, invoice: Invoice, amount: int, *, shares: Mapping[str, int] | None = None, reason: str | None
) -> CreditNote:
    """Take so much of an invoice that is held back: of each line its share by what it was sold as, else of all alike.

    Whoever gives the money back writes that into the books, with the note's `tax`. The number is drawn here.
    """
    if shares is None:
        portions = spread(amount, [line.left for line in invoice.lines])
    else:
        portions = [shares.get(line.source_id or line.id, 0) for line in invoice.lines]
    taken = [(line, line.credit(portion)) for line, portion in zip(invoice.lines, portions, strict=True) if portion]
    whole = sum_of([part for _, part in taken])
    if whole.total != amount:
        raise ValueError(f"The lines come to {whole.total}, not to {amount}.")
    invoice.credit(amount)
    note = CreditNote(
        id=new_id(),
        invoice_id=invoice.id,
        invoice_number=invoice.number,
        contact_id=invoice.contact_id,
        currency=invoice.currency,
        net=whole.net,
        tax=whole.tax,
        total=whole.total,
        reason=reason,
        issued_at=work.now,
        issued_by=who(work),
        billed_to=addressees_of(work, [invoice.contact_id]).get(invoice.contact_id),
    )
    note.lines = [
        CreditNoteLine(
            id=new_id(),
            credit_note_id=note.id,
            invoice_line_id=line.id,
            contact_id=note.contact_id,
            position=place,
            name=line.name,
            net=part.net,
            tax=part.tax,
        )
        for place, (line, part) in enumerate(taken)
    ]
    work.session.flush()  # what was done before
    note.number = next_number(work, "credit_note")
    work.session.add(note)
    work.record(
        told.credit_note_issued,
        note.contact_id,
        credit_note_id=note.id,
        number=note.number,
        invoice_id=note.invoice_id,
        invoice_number=note.invoice_number,
        total=money(note.total, note.currency),
        reason=reason,
    )
    return note

"""What there is to say on paper."""

from __future__ import annotations

from sqlalchemy import select

from chassis.amounts import written
from chassis.work import Work
from services.acquaintance import known_business, recall
from services.billing.addressees.rules import lines_of
from services.billing.credit_notes.model import CreditNote
from services.billing.invoices.model import Invoice, InvoiceLine
from services.billing.papers.rules import Paper, day_of, percent, seller_of, sums_of
from services.billing.taxes.rules import Split


def invoice_paper(work: Work, invoice: Invoice) -> Paper:
    """An invoice as it was issued, whatever became of it since, unless it is void: then since when, and not why."""
    business = known_business(work)
    currency, day = invoice.currency, day_of(invoice.issued_at, business.zone)
    facts = [("Date", day)]
    if invoice.due_on is not None:
        facts.append(("Due on", invoice.due_on.isoformat()))
    void_since = invoice.closed_at if invoice.is_void else None
    if void_since is not None:
        facts.append(("Void since", day_of(void_since, business.zone)))
    return Paper(
        id=invoice.id,
        title=f"Invoice {invoice.number}{' (void)' if invoice.is_void else ''}",
        business=business.name,
        seller=seller_of(business),
        contact=_addressee(work, invoice),
        facts=facts,
        columns=("Item", "Quantity", "Price", "Total"),
        lines=[_line(line, currency) for line in invoice.lines],
        sums=sums_of([(line, line.parts) for line in invoice.lines], currency),
        file_name=f"invoice-{invoice.number}-{day}.pdf",
    )


def credit_note_paper(work: Work, note: CreditNote) -> Paper:
    """A credit note, with the rates of the lines that it takes back; what is taken back is below zero.

    It is the customer's to read: the reason, which the team gives itself, is not on it.
    """
    business = known_business(work)
    day = day_of(note.issued_at, business.zone)
    of_invoice = select(InvoiceLine).where(InvoiceLine.id.in_([line.invoice_line_id for line in note.lines]))
    rates = {line.id: line for line in work.session.scalars(of_invoice)}
    back = [(line, Split(-line.net, -line.tax)) for line in note.lines]
    return Paper(
        id=note.id,
        title=f"Credit note {note.number}",
        business=business.name,
        seller=seller_of(business),
        contact=_addressee(work, note),
        facts=[("Date", day), ("On invoice", str(note.invoice_number))],
        columns=("Item", "Total"),
        lines=[(line.name, written(part.total, note.currency)) for line, part in back],
        sums=sums_of([(rates[line.invoice_line_id], part) for line, part in back], note.currency),
        file_name=f"credit-note-{note.number}-{day}.pdf",
    )


def _addressee(work: Work, paper: Invoice | CreditNote) -> str:
    """To whom it was issued; of what was issued before that was written down the name is known."""
    if paper.billed_to is not None:
        return lines_of(paper.billed_to)
    known = recall(work.session, [paper.contact_id]).get(paper.contact_id)
    return known.display_name if known else ""


def _line(line: InvoiceLine, currency: str) -> tuple[str, str, str, str]:
    name = line.name
    if line.tax_name is not None:
        name += f"\n{line.tax_name} {percent(line.tax_basis_points or 0)}{', included' if line.tax_inclusive else ''}"
    if line.fee:
        name += f"\nand once {written(line.fee, currency)}"
    if line.reduction:
        name += f"\nless {written(line.reduction, currency)}"
    price, total = written(line.unit_price, currency), written(line.parts.total, currency)
    return name, str(line.quantity), price, total

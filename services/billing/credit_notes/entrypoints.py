"""The doors of credit notes."""

from chassis.entrypoints import Room
from contracts.billing import credit_notes
from services.billing.credit_notes import queries
from services.billing.own import serves_own


class CreditNotes(Room):
    get_credit_note = serves_own(credit_notes.get_credit_note, queries.get_credit_note)
    list_credit_notes = serves_own(credit_notes.list_credit_notes, queries.list_credit_notes)

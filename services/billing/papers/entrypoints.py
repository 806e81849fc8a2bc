"""The doors of papers."""

from chassis.entrypoints import Room, serves
from contracts.billing import papers
from services.billing.own import serves_own
from services.billing.papers import actions


class Papers(Room):
    get_invoice_pdf = serves_own(papers.get_invoice_pdf, actions.get_invoice_pdf)
    get_credit_note_pdf = serves_own(papers.get_credit_note_pdf, actions.get_credit_note_pdf)
    send_invoice = serves(papers.send_invoice, actions.send_invoice)
    send_invoice_of_order = serves(papers.send_invoice_of_order, actions.send_invoice_of_order)
    send_credit_note = serves(papers.send_credit_note, actions.send_credit_note)
    send_invoice_of_payment = serves(papers.send_invoice_of_payment, actions.send_invoice_of_payment)

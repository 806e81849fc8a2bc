"""The doors of papers."""

from __future__ import annotations

from chassis.entrypoints import Room, does, hears
from contracts.billing import papers
from services.notifications.papers import reactions


class Papers(Room):
    send_invoice = hears([papers.invoice_send_asked], reactions.send_invoice)
    send_credit_note = hears([papers.credit_note_send_asked], reactions.send_credit_note)
    write_with_invoice = does(reactions.INVOICE, reactions.hand_over, asks=reactions.ask_who)
    write_with_credit_note = does(reactions.CREDIT_NOTE, reactions.hand_over, asks=reactions.ask_who)

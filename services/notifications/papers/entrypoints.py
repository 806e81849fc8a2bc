"""The doors of papers."""

from __future__ import annotations

from chassis.entrypoints import Room, does, hears
from contracts.billing import papers
from services.notifications.papers import reactions


class Papers(Room):
    send_invoice = hears([papers.invoice_send_asked], reactions.send_invoice)
    write_with_invoice = does(reactions.SEND, reactions.write, asks=reactions.ask_who)

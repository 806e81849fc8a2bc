"""Sending what billing wants sent, as a job: whose address it is, contacts knows."""

from __future__ import annotations

from typing import Any

from contracts.contacts import people
from contracts.errors import NotFound, Problem
from contracts.notifications.messages import message_refused
from services.acquaintance.queries import recognise
from services.notifications.messages.actions import queue_paper
from services.notifications.papers.rules import invoice_letter
from services.notifications.settings import business_words

SEND = "send_invoice"
_TOLD = ("number", "total", "due", "file_key", "file_name")


def send_invoice(work: Any, event: Any) -> None:
    """Have one letter sent for each time that it was asked for."""
    work.by_itself()
    told = {name: event.data[name] for name in _TOLD}
    work.start_job(SEND, {"key": f"invoice:{event.id}", "contact_id": event.subject, **told})


def ask_who(work: Any, job: Any) -> Any:
    """Ask contacts who that is; None when nobody is known by that id."""
    try:
        return work.ask(people.get_contact, contact_id=job.input["contact_id"])
    except NotFound:
        return None


def write(work: Any, job: Any, contact: Any) -> None:
    """Queue the letter, or tell why not."""
    told = job.input
    if contact is not None:
        known = recognise(work, contact)
        sender = str(business_words(work)["business"]["name"])
        letter = invoice_letter(told, name=known.display_name, sender=sender)
        try:
            queue_paper(work, known, key=told["key"], **letter, attachment=(told["file_key"], told["file_name"]))
        except Problem as problem:
            about = {"channel": "email", "reason": problem.detail, "bulk_id": None}
            work.record(message_refused, known.contact_id, **about)
    job.finish()

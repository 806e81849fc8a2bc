"""Sending what billing wants sent, as a job: whose address it is, contacts knows."""

from __future__ import annotations

from typing import Any

from contracts.contacts import people
from contracts.errors import NotFound, Problem
from contracts.notifications.messages import message_refused
from services.acquaintance.queries import recognise
from services.notifications.messages.actions import queue_paper
from services.notifications.papers.rules import credit_note_letter, invoice_letter
from services.notifications.settings import business_words

INVOICE, CREDIT_NOTE = "send_invoice", "send_credit_note"
_LETTERS = {INVOICE: invoice_letter, CREDIT_NOTE: credit_note_letter}
_FILE = ("file_key", "file_name")


def send_invoice(work: Any, event: Any) -> None:
    """Have one letter sent for each time that it was asked for."""
    _send(work, event, INVOICE, f"invoice:{event.id}", ("number", "total", "due", *_FILE))


def send_credit_note(work: Any, event: Any) -> None:
    """Have one letter sent for each time that it was asked for."""
    _send(work, event, CREDIT_NOTE, f"credit_note:{event.id}", ("number", "invoice_number", "total", *_FILE))


def ask_who(work: Any, job: Any) -> Any:
    """Ask contacts who that is; None when nobody is known by that id."""
    try:
        return work.ask(people.get_contact, contact_id=job.input["contact_id"])
    except NotFound:
        return None


def hand_over(work: Any, job: Any, contact: Any) -> None:
    """Queue the letter, or tell why not."""
    told = job.input
    if contact is not None:
        known = recognise(work, contact)
        sender = str(business_words(work)["business"]["name"])
        letter = _LETTERS[job.kind](told, name=known.display_name, sender=sender)
        try:
            queue_paper(work, known, key=told["key"], **letter, attachment=(told["file_key"], told["file_name"]))
        except Problem as problem:
            about = {"channel": "email", "reason": problem.detail, "bulk_id": None}
            work.record(message_refused, known.contact_id, **about)
    job.finish()


def _send(work: Any, event: Any, kind: str, key: str, names: tuple[str, ...]) -> None:
    work.by_itself()
    work.start_job(kind, {"key": key, "contact_id": event.subject, **{name: event.data[name] for name in names}})

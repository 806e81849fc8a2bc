"""Writing to who wants to sign in."""

from __future__ import annotations

from typing import Any

from contracts.errors import Problem
from contracts.notifications.messages import message_refused
from services.acquaintance import KnownContact, known_business
from services.notifications.codes.rules import code_letter
from services.notifications.messages.actions import queue_code
from services.notifications.settings import business_words


def write_member_code(work: Any, event: Any) -> None:
    """Queue the letter, or tell why not."""
    work.by_itself()
    told = event.data
    to = KnownContact(contact_id=event.subject, display_name=told.display_name, email=told.email)
    sender = str(business_words(work)["business"]["name"])
    letter = code_letter(told, zone=known_business(work).zone, sender=sender)
    try:
        queue_code(work, to, code_id=told.code_id, until=told.expires_at, **letter)
    except Problem as problem:
        work.record(message_refused, event.subject, channel="email", reason=problem.detail, bulk_id=None)

"""Reading the log."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.pages import keys_for, page_of
from services.acquaintance import known_contact
from services.notifications.messages.model import Message


def list_communications(work: Any, request: Any) -> dict[str, Any]:
    wanted = select(Message).where(Message.contact_id == request.contact_id, Message.audience == "contact")
    if request.channel:
        wanted = wanted.where(Message.channel == request.channel)
    page = page_of(work, wanted, keys_for(request.sort, oldest=[Message.happened_at, Message.id]), request)
    if not page["items"] and not request.cursor:
        known_contact(work, request.contact_id)  # nothing said, or nobody there
    return page

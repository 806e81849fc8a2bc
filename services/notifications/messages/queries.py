"""Reading one message."""

from __future__ import annotations

from typing import Any

from contracts.errors import NotFound
from services.notifications.messages.model import Message


def get_message(work: Any, request: Any) -> Message:
    message = work.session.get(Message, request.message_id)
    if message is None:
        raise NotFound("There is no such message.")
    return message

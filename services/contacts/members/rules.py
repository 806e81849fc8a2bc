"""Who may be a member, and how often a code may be asked for and tried."""

from __future__ import annotations

import datetime as dt
from typing import Any

from services.contacts.people.rules import Unreadable, read_email

CODE_LIVES = dt.timedelta(minutes=10)
TRIES = 5
"""Of one code: the sixth is not looked at, whatever it is."""
CODES = 5
"""Sent to one address; the next one `WINDOW` after the last, so that no hour has more, however they are timed."""
WINDOW = dt.timedelta(hours=1)


def may_sign_in(contact: Any, *, leads_may: bool) -> bool:
    """Only a customer of today; a former one is let in like a lead, and an archived contact never."""
    return contact.standing == "active" and (contact.lifecycle == "customer" or leads_may)


def address_key(email: str) -> str:
    """The form in which addresses of contacts are compared; what can be none is nobody's, and is asked for alike."""
    try:
        return read_email(email)
    except Unreadable:
        return email.strip().casefold()

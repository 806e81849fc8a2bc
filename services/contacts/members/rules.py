"""Who may be a member, and how often a code may be asked for and tried."""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Iterable
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


def counted_by(address: str, *, known: bool) -> str:
    """By what the codes of an address are counted: those of known devices apart. No address begins with a space."""
    return f" {address}" if known else address


def address_counted(by: str) -> str:
    """The address whose codes are counted by this."""
    return by.lstrip()


def device_token(address: str, secret: str) -> str:
    """What a device gets when somebody signs in there: it proves that once, and is good for nothing else."""
    return hmac.digest(secret.encode(), f"device that knows {address}".encode(), "sha256").hex()


def is_known(given: str, address: str, secrets: Iterable[str]) -> bool:
    """Whether the token is of this address, under any of the secrets that are believed."""
    return any(hmac.compare_digest(given.encode(), device_token(address, secret).encode()) for secret in secrets)

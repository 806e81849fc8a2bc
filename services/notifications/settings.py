"""What notifications is told by its environment: by which server it sends, and in whose name."""

from __future__ import annotations

from collections.abc import Mapping
from email.headerregistry import Address
from functools import cache
from typing import Any

from environs import Env

from services.acquaintance import known_business
from services.notifications.email.letters import sender_of
from services.notifications.email.smtp import Server


@cache
def mail_server() -> Server | None:
    """The SMTP server of `RAPPORT_SMTP_URL`; None while there is none, and messages then wait."""
    url = Env().str("RAPPORT_SMTP_URL", "")
    return Server.at(url) if url else None


@cache
def mail_from() -> Address:
    """The sender's address of `RAPPORT_MAIL_FROM`, with the name that it may have."""
    return sender_of(Env().str("RAPPORT_MAIL_FROM", "Rapport <rapport@localhost>"))


def business_words(work: Any) -> dict[str, Mapping[str, str]]:
    """What the business says of itself in its letters: how it signs, and what it calls its people.

    It signs as its settings or `RAPPORT_BUSINESS_NAME` say, else as the sender's address is called.
    """
    known = known_business(work)
    return {
        "business": {"name": known.name or mail_from().display_name or mail_from().domain},
        "labels": known.labels,
    }

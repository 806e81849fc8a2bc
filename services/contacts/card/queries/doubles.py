"""Exact duplicates: the same e-mail address, or the same phone under the same name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from services.contacts.card.rules import Card, EmailKey, PhoneKey
from services.contacts.people.queries import Bearer, bearers_of_emails, bearers_of_phones

Bearers = dict[EmailKey | PhoneKey, list[Bearer]]


def bearers_of(work: Any, cards: Sequence[Card]) -> Bearers:
    """Who already has what is on these cards, by key, the oldest contact first; two statements for all."""
    emails = bearers_of_emails(work, (email.normalised for card in cards for email in card.emails))
    phones = bearers_of_phones(work, (phone.value for card in cards for phone in card.phones))
    return dict([*emails.items(), *phones.items()])


def doubles_of(keys: Iterable[EmailKey | PhoneKey], bearers: Bearers) -> list[Bearer]:
    """The contacts that have one of these keys, the oldest first."""
    return sorted({bearer for key in keys for bearer in bearers.get(key, ())})

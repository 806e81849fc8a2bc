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


def taken_by(doubles: Iterable[Bearer], card: Card, *bearers: Bearers) -> list[str]:
    """Where on the card stands what these have, as JSON pointers."""
    ids = {double.contact_id for double in doubles}
    pointers = [f"/emails/{n}/value" for n in range(len(card.emails))]
    pointers += [f"/phones/{n}/value" for n in range(len(card.phones))]
    found = [{one.contact_id for known in bearers for one in known.get(key, ())} for key in card.keys]
    return [pointer for pointer, having in zip(pointers, found, strict=True) if having & ids]


def doubles_of(keys: Iterable[EmailKey | PhoneKey], bearers: Bearers) -> list[Bearer]:
    """The contacts that have one of these keys, the oldest first."""
    return sorted({bearer for key in keys for bearer in bearers.get(key, ())})

"""What may be read wrongly in a whole file, though each row reads well."""

from __future__ import annotations

from collections.abc import Iterable

from services.contacts.card.rules import Card
from services.contacts.people.rules import is_in_doubt


def doubts_of(cards: Iterable[Card]) -> list[str]:
    """Say of what to look at before the import; nothing of it stands against starting."""
    phones = [phone for card in cards for phone in card.phones]
    strange = sum(map(is_in_doubt, phones))
    if strange * 2 <= len(phones):
        return []
    told = (
        f"{strange} of {len(phones)} phone numbers have no country code, and were never given out where they were read"
    )
    return [f"{told}: say with `region` of which country the file is."]

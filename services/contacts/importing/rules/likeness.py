"""What makes two the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from services.contacts.card.rules import Card
from services.contacts.contact.rules import fold

_NO_NUMBERS: Mapping[str, Iterable[str | None]] = {}


def keys_of(
    card: Card, match_on: Iterable[str], numbers: Mapping[str, Iterable[str | None]] = _NO_NUMBERS
) -> Iterator[tuple[str, ...]]:
    """What makes two the same, the surest first: as chosen, then name and phone or e-mail, then a bare name.

    `numbers` are the membership numbers and external ids, which stand on no card.
    """
    words = words_of(card)
    for kind in match_on:
        yield from ((kind, number) for number in numbers.get(kind, ()) if number)
        if kind == "email":
            yield from (("email", email.normalised) for email in card.emails)
        elif kind == "phone":
            yield from (("phone", phone.value) for phone in card.phones)
    if words:
        yield from (("both", phone.value, words) for phone in card.phones)
        yield from (("both", email.normalised, words) for email in card.emails)
    if not (card.emails or card.phones or any(number for several in numbers.values() for number in several)):
        yield ("name", card.profile["kind"], words, str(card.profile["birthday"] or ""))


def words_of(card: Card) -> str:
    """The words of a name in no order, since first and last name are often in each other's column."""
    profile = card.profile
    names = (profile[field] for field in ("first_name", "last_name", "name"))
    return " ".join(sorted(fold(" ".join(filter(None, names))).split()))

"""Whom a file means by who referred somebody: found without doubt, or not at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from services.contacts.card.rules import Card
from services.contacts.contact.rules import fold
from services.contacts.importing.rules.matching import Crowd
from services.contacts.importing.rules.rows import Row
from services.contacts.people.rules import Unreadable, read_email, read_phone
from services.contacts.referrals.rules import as_kept

Key = tuple[str, str]
Referrer = str | int
"""A contact's id, or the number of the row that is about them."""
_FEWEST_DIGITS = 6
_MOST_WORDS = 8


def keys_of_words(words: str, region: str) -> Iterator[Key]:
    """By what somebody may be meant: a code, an e-mail, a phone, a membership number, or a name in whatever order."""
    yield "code", as_kept(words)
    yield "number", words
    try:
        if "@" in words:
            yield "email", read_email(words)
        elif sum(map(str.isdigit, words)) >= _FEWEST_DIGITS and not any(map(str.isalpha, words)):
            yield "phone", read_phone(words, region)[0]
    except (Unreadable, ValueError):
        return
    if "@" not in words:
        yield from (("name", name) for name in _turned(fold(words.replace(",", " ")).split()))


def _turned(words: list[str]) -> set[str]:
    """A name as lists are sorted by it, whichever of its words begins the last name."""
    return {" ".join([*words[n:], *words[:n]]) for n in range(min(len(words), _MOST_WORDS))}


def _keys_of_row(row: Row, card: Card) -> Iterator[Key]:
    yield from (("email", email.normalised) for email in card.emails)
    yield from (("phone", phone.value) for phone in card.phones)
    yield "name", card.sort_name
    if row.membership_number:
        yield "number", row.membership_number


def referrers_in(
    asked: Mapping[str, Collection[Key]],
    rows: Iterable[tuple[Row, Card]],
    crowd: Crowd,
    here: Mapping[Key, Collection[str]],
) -> dict[str, Referrer]:
    """Whom each of these words means, of those who are `here` and those of the rows at hand; left out: nobody, or
    several."""
    wanted = {key for keys in asked.values() for key in keys}
    found: dict[Key, set[Referrer]] = defaultdict(set, {key: set(ids) for key, ids in here.items()})
    seen: dict[tuple[str, ...], int] = {}
    for row, card in rows:
        keys = wanted.intersection(_keys_of_row(row, card))
        if keys:
            who = crowd.find(row, card)
            referrer = who.id if who and who.id else seen.setdefault(crowd.mark_of(row, card), row.number)
            if who is None or not who.archived:
                for key in keys:
                    found[key].add(referrer)
    meant = {words: set().union(*(found[key] for key in keys if key in found)) for words, keys in asked.items()}
    return {words: next(iter(one)) for words, one in meant.items() if len(one) == 1}

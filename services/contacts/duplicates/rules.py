"""How alike two cards are, and what speaks for it.

Each piece of evidence is the chance that it means one person, were there nothing else; together they are one minus the
chance that all of them deceive. What contradicts takes a share of that away. The weights are judgement, checked by the
table of cases in the tests.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from math import prod
from typing import NamedTuple

from jellyfish import metaphone
from rapidfuzz import fuzz
from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

from services.contacts.addresses.rules import PostalAddress
from services.contacts.card.rules import Card
from services.contacts.contact.rules import fold

SHOWN_FROM = 0.4
"""What scores less is a coincidence."""
_SIMILAR_NAME = 0.85
_OTHER_NAME = 0.6
_DIGITS = re.compile(r"\d")
_LEGAL_FORMS = re.compile(r"\b(ltd|limited|inc|llc|plc|gmbh|ag|kg|sa|srl|bv|sp z oo|co|company)\b\.?")


class Evidence(NamedTuple):
    what: str
    how: str
    detail: str
    weight: float


class Likeness(NamedTuple):
    score: float
    exact: bool
    evidence: list[Evidence]


def likeness(one: Card, other: Card) -> Likeness:
    """Weigh two cards; the order of the two does not matter."""
    if one.profile["kind"] != other.profile["kind"]:
        return Likeness(0.0, False, [])
    name = _name_alike(one, other)
    found = list(_evidence(one, other, name))
    chance = 1 - prod(1 - piece.weight for piece in found if piece.weight > 0)
    score = chance * prod(1 + piece.weight for piece in found if piece.weight < 0)
    exact = not set(one.keys).isdisjoint(other.keys)
    return Likeness(1.0 if exact else round(score, 2), exact, found)


def _evidence(one: Card, other: Card, name: float) -> Iterator[Evidence]:
    yield from _emails(one, other)
    yield from _phones(one, other)
    if name == 1:
        yield Evidence("name", "same", other.display_name, 0.45)
    elif name >= _SIMILAR_NAME:
        weight = 0.3 + 0.12 * (name - _SIMILAR_NAME) / (1 - _SIMILAR_NAME)
        yield Evidence("name", "similar", f"{one.display_name} / {other.display_name}", round(weight, 2))
    elif 0 <= name < _OTHER_NAME:  # one household has one phone and one address
        yield Evidence("name", "different", f"{one.display_name} / {other.display_name}", -0.6)
    yield from _birthdays(one.profile["birthday"], other.profile["birthday"], alike=name >= _OTHER_NAME)
    yield from _addresses(one.addresses, other.addresses)
    mine, theirs = (_site(card.profile["website"]) for card in (one, other))
    if mine and mine == theirs:
        yield Evidence("website", "same", mine, 0.5)
    mine, theirs = (card.profile["gender"] for card in (one, other))
    if mine and theirs and mine != theirs:
        yield Evidence("gender", "different", f"{mine} / {theirs}", -0.2)


def _emails(one: Card, other: Card) -> Iterator[Evidence]:
    mine, theirs = ({email.normalised for email in card.emails} for card in (one, other))
    if same := mine & theirs:
        yield Evidence("email", "same", min(same), 0.95)
        return
    pairs = sorted((a, b) for a in mine for b in theirs)
    for a, b in pairs:
        (name_a, _, domain_a), (name_b, _, domain_b) = a.partition("@"), b.partition("@")
        same_name = name_a == name_b and len(name_a) > 4
        # john1@ and john2@ are two people: a digit is seldom a typing error.
        slip = DamerauLevenshtein.distance(a, b) == 1 and _DIGITS.sub("", a) != _DIGITS.sub("", b)
        if same_name or (domain_a == domain_b and slip):
            yield Evidence("email", "similar", f"{a} / {b}", 0.45)
            return


def _phones(one: Card, other: Card) -> Iterator[Evidence]:
    mine, theirs = ({phone.value for phone in card.phones} for card in (one, other))
    if same := mine & theirs:
        yield Evidence("phone", "same", min(same), 0.7)


def _name_alike(one: Card, other: Card) -> float:
    """1 when a name is the same, in whatever order its words stand; -1 when somebody has none to compare."""
    pairs = [(a, b) for a in _names(one) for b in _names(other)]
    return max((_alike(a, b) for a, b in pairs), default=-1.0)


def _alike(a: str, b: str) -> float:
    words_a, words_b = sorted(a.split()), sorted(b.split())
    if words_a == words_b:
        return 1.0
    alike = max(fuzz.token_sort_ratio(a, b) / 100, JaroWinkler.similarity(a, b) if _share_ends(a, b) else 0.0)
    if len(words_a) == len(words_b) and [metaphone(w) for w in words_a] == [metaphone(w) for w in words_b]:
        alike = max(alike, 0.95)
    return min(alike, 0.99) if _rest_alike(words_a, words_b) else min(alike, 0.5)


def _rest_alike(one: list[str], other: list[str]) -> bool:
    """Whether what two names do not share could be one word: Liz and Elizabeth, and not Ben and Alexandra Smith."""
    rest = " ".join(word for word in one if word not in other), " ".join(word for word in other if word not in one)
    short, long = sorted(rest, key=len)
    return short in long or JaroWinkler.similarity(short, long) > 0.7


def _share_ends(a: str, b: str) -> bool:
    """Jaro-Winkler likes whatever begins alike; brothers and sisters do not, their last words do."""
    ends = ((a.split()[n], b.split()[n]) for n in (0, -1))
    return all(JaroWinkler.similarity(*pair) > 0.8 for pair in ends)


def _names(card: Card) -> set[str]:
    """A name as it may be said: with the first or the preferred name; of a company without its legal form."""
    profile = card.profile
    if profile["kind"] == "company":
        said = [_LEGAL_FORMS.sub("", fold(profile["name"] or "").replace(".", ""))]
    else:
        last = profile["last_name"] or ""
        said = [fold(f"{first} {last}") for first in (profile["first_name"], profile["preferred_name"]) if first]
        said = said or [fold(last)]
    return {" ".join(name.split()) for name in said if name.strip()}


def _birthdays(mine: dt.date | None, theirs: dt.date | None, *, alike: bool) -> Iterator[Evidence]:
    if not mine or not theirs:
        return
    if mine == theirs:
        yield Evidence("birthday", "same", mine.isoformat(), 0.5 if alike else 0.1)
    elif (mine.year, mine.month, mine.day) == (theirs.year, theirs.day, theirs.month) or (
        DamerauLevenshtein.distance(mine.isoformat(), theirs.isoformat()) == 1
    ):
        yield Evidence("birthday", "similar", f"{mine} / {theirs}", 0.25 if alike else 0.05)
    else:
        yield Evidence("birthday", "different", f"{mine} / {theirs}", -0.5)


def _addresses(mine: Iterable[PostalAddress], theirs: Iterable[PostalAddress]) -> Iterator[Evidence]:
    pairs = [(_place(a), _place(b), a) for a in mine for b in theirs]
    for one, other, address in pairs:
        if one.street and fuzz.ratio(one.street, other.street) > 90 and _one_town(one, other):
            yield Evidence("address", "same", ", ".join(filter(None, [address.street, address.city])), 0.4)
            return
    for one, other, address in pairs:
        if one.postal_code and one.postal_code == other.postal_code:
            yield Evidence("address", "similar", address.postal_code, 0.1)
            return


class _Place(NamedTuple):
    street: str
    postal_code: str
    city: str


def _place(address: PostalAddress) -> _Place:
    return _Place(fold(address.street), fold(address.postal_code).replace(" ", ""), fold(address.city))


def _one_town(one: _Place, other: _Place) -> bool:
    """Whether postal codes and towns, as far as both are told, do not contradict each other."""
    told = ((one.postal_code, other.postal_code), (one.city, other.city))
    return all(a == b for a, b in told if a and b)


def _site(website: str | None) -> str:
    """The domain of a website."""
    found = re.sub(r"^\w+://", "", (website or "").lower()).split("/")[0]
    return found.removeprefix("www.")

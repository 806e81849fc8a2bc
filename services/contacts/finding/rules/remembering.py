"""What somebody remembers of a contact, read as words to be found."""

from __future__ import annotations

import re

from services.contacts.contact.rules import fold

_LIKE_A_NUMBER = re.compile(r"[\s+\-()/.\d]*\d[\s+\-()/.\d]*\Z")
SHORTEST = 4
"""Shorter words are too alike each other to be found though misspelt."""
MOST_WORDS = 5


def patterns(q: str) -> list[str]:
    """What to look for in the folded text: the digits of a number as dialled, or each word of anything else.

    One or two letters are looked for where a word begins, which the trigram index can still answer. Of an e-mail the
    name alone is looked for: reading through all that the index has of a domain would take ten times as long.
    """
    words = [_dialled(q)] if _LIKE_A_NUMBER.match(q) else [_name_of(word) for word in fold(q).split()]
    return [f"%{'' if len(word) > 2 else ' '}{_literally(word)}%" for word in words]


def addresses(q: str) -> list[str]:
    """The words of which `patterns` has a part only, for whoever is found by that to be tried with."""
    return [] if _LIKE_A_NUMBER.match(q) else [word for word in fold(q).split() if word != _name_of(word)]


def words_of(q: str) -> list[str]:
    """The words that may be misspelt: none of a number, none that is very short, and of an e-mail the name alone.

    Everybody has something like a common domain: to tell how like it is, every card would be read.
    """
    if _LIKE_A_NUMBER.match(q):
        return []
    names = [word.partition("@")[0] for word in fold(q).split()]
    return [name for name in names if len(name) >= SHORTEST][:MOST_WORDS]


def _dialled(number: str) -> str:
    """The digits of a number as typed: `00` abroad and a trunk zero in brackets fall away."""
    digits = re.sub(
        r"\D", "", number.replace("(0)", "") if "+" in number or number.strip().startswith("00") else number
    )
    abroad = digits.removeprefix("00")
    return abroad if len(abroad) > 2 else digits  # a number may have noughts in its middle


def _name_of(word: str) -> str:
    """What stands before the @, if there is enough of it to look for."""
    name = word.partition("@")[0]
    return name if len(name) >= SHORTEST else word


def _literally(word: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", word)

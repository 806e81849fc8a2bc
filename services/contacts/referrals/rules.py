"""Codes that people can read aloud and nobody can guess."""

from __future__ import annotations

import secrets

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No 0 O 1 I L, which are mistaken for each other, and no U, which would make words of them."""
LENGTH = 9
"""44 bits: at sixty tries a minute from each of a thousand places, a hit takes centuries."""


def a_code() -> str:
    """A new code."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def as_kept(code: str) -> str:
    """A code as somebody typed it in the form in which it is kept: case, blanks and hyphens do not matter."""
    return "".join(letter for letter in code.upper() if letter.isalnum())


def settles(before: str, after: str) -> str | None:
    """What a change of lifecycle means for a referral: `converted`, `reversed`, or nothing.

    Who is a former customer was one, though that the purchase has ended was heard before that it was made.
    """
    if after != before and (after == "customer" or (before, after) == ("lead", "former_customer")):
        return "converted"
    if after == "lead" and before != "lead":
        return "reversed"
    return None

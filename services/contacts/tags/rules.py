"""When two tags are the same, and which are not for hands."""

from __future__ import annotations

import unicodedata

from contracts.errors import Conflict, Invalid

SYSTEM_TAGS = ("new-lead", "trial", "active-member", "paused", "payment-due", "birthday-month", "lapsed")
"""Applied and removed by the system when their trigger holds (C21); the migration made them."""


def key_of(name: str) -> str:
    """What makes two spellings one tag: letter case, width and repeated spaces do not count."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def as_shown(name: str) -> str:
    """A tag's name with single spaces."""
    return " ".join(name.split())


def key_for_hands(name: str, pointer: str = "/tag") -> str:
    """The key of a tag that somebody wants to put on, take off or define; the system's are refused."""
    key = key_of(name)
    if not key:
        raise Invalid.field(pointer, "A tag needs letters.")
    if key in SYSTEM_TAGS:
        raise not_for_hands(name, pointer)
    return key


def not_for_hands(name: str, pointer: str) -> Conflict:
    """The refusal of a tag of the system's."""
    detail = f"“{name}” is put on and taken off by the system."
    return Conflict(detail, [{"pointer": pointer, "detail": detail}])

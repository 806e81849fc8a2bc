"""When two tags are the same, and which are not for hands."""

from __future__ import annotations

import unicodedata

SYSTEM_TAGS = ("new-lead", "trial", "active-member", "paused", "payment-due", "birthday-month", "lapsed")
"""Applied and removed by the system when their trigger holds (C21)."""


def key_of(name: str) -> str:
    """What makes two spellings one tag: letter case, width and repeated spaces do not count."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def as_shown(name: str) -> str:
    """A tag's name with single spaces."""
    return " ".join(name.split())

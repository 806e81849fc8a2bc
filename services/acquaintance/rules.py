"""How a memory of a contact grows: whatever order the news comes in, the newest counts and no gap goes unnoticed."""

from __future__ import annotations

from dataclasses import dataclass, replace

DETAILS = frozenset({"first_name", "preferred_name", "emails"})
"""What events do not tell in full: when one of these changed, the contact is asked for again at the next need."""


@dataclass(frozen=True)
class KnownContact:
    """A contact as remembered here. Unless `complete`, only the name and the standing can be relied on."""

    contact_id: str
    display_name: str
    first_name: str | None = None
    email: str | None = None
    standing: str = "active"
    merged_into: str | None = None
    version: int = 0
    complete: bool = False


@dataclass(frozen=True)
class News:
    """What an event tells: the contact's version after it, its name if told, and which fields changed."""

    contact_id: str
    version: int
    display_name: str | None = None
    standing: str | None = None
    changed: frozenset[str] = frozenset()


def learn(known: KnownContact | None, news: News) -> KnownContact | None:
    """Add news to what is known; older news changes nothing, and news after a gap makes it incomplete."""
    if known is None:
        if news.display_name is None:
            return None
        return KnownContact(
            news.contact_id, news.display_name, standing=news.standing or "active", version=news.version
        )
    if news.version <= known.version:
        return known
    missed_some = news.version > known.version + 1
    if missed_some and news.display_name is None:
        # The missing news may tell the name: it must not look old when it comes.
        return replace(known, complete=False)
    return replace(
        known,
        display_name=news.display_name or known.display_name,
        standing=news.standing or known.standing,
        version=news.version,
        complete=known.complete and not missed_some and not news.changed & DETAILS,
    )

"""What a contact's lifecycle is and why; how text is folded so that it can be compared and found."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from anyascii import anyascii

_QUOTES = str.maketrans("", "", "'’‘`´")
_BLANKS = re.compile(r"\s+")


def fold(text: str) -> str:
    """Put text into the form in which it is compared: no accents, no case, Latin letters, single blanks.

    "  Żółć O’Brien" and "zolc obrien" are the same; so are "Владимир" and "vladimir".
    """
    plain = text if text.isascii() else anyascii(text)
    return _BLANKS.sub(" ", plain.translate(_QUOTES)).strip().lower()


def clean(text: str | None) -> str:
    """NFC, trimmed, and without control characters, which neither JSON in the database nor a reader can take."""
    found = unicodedata.normalize("NFC", text or "")
    if not found.isprintable():
        found = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") and c != "\n" else c for c in found)
    return found.strip()


class Ground(NamedTuple):
    """A package, as billing tells of it: what was said last, by its position in billing's log, is what holds."""

    name: str
    kind: str | None = None
    since: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    paid_position: int = 0
    reversed_position: int = 0
    reversal: str | None = None
    ended_position: int = 0

    @property
    def holds(self) -> bool:
        return self.paid_position > self.reversed_position

    @property
    def words(self) -> str:
        return f"{(self.kind or 'package').replace('_', ' ')} {self.name}"


def with_payment(
    known: Ground | None, *, name: str, kind: str | None, since: dt.datetime | None, position: int
) -> Ground:
    """Note that it was paid; a later payment that is already known wins."""
    ground = known or Ground(name)
    if position <= ground.paid_position:
        return ground
    return ground._replace(name=name, kind=kind, since=since, paid_position=position)


def with_reversal(known: Ground | None, *, name: str, reason: str | None, position: int) -> Ground:
    """Note that it was reversed as if it never was; a later reversal that is already known wins."""
    ground = known or Ground(name)
    if position <= ground.reversed_position:
        return ground
    return ground._replace(reversal=reason, reversed_position=position)


class Lifecycle(NamedTuple):
    state: str
    reason: str
    since: dt.datetime


def lifecycle_of(grounds: Iterable[Ground], *, entered_as: str, created_at: dt.datetime) -> Lifecycle:
    """Derive the lifecycle under the policy `paid_package`, with its reason; the order of the grounds does not matter.

    A ground that holds and has not ended makes a customer since it began; when all that held have ended, a former
    customer; when none is left, a lead, as at the beginning.
    """
    known = sorted(grounds, key=lambda ground: (ground.since or created_at, ground.words, ground.reversal or ""))
    held = [ground for ground in known if ground.holds]
    current = [ground for ground in held if ground.ended_at is None]
    if current:
        first = current[0]
        since = first.since or created_at
        return Lifecycle("customer", f"customer since {since:%Y-%m-%d}: paid {first.words}", since)
    if held:
        last = max(held, key=lambda ground: (ground.ended_at or created_at, ground.words))
        ended_at = last.ended_at or created_at
        return Lifecycle("former_customer", f"former customer since {ended_at:%Y-%m-%d}: {last.words} ended", ended_at)
    if known:
        gone = known[-1]
        because = f" ({gone.reversal})" if gone.reversal else ""
        return Lifecycle("lead", f"lead again: {gone.words} was reversed{because}", created_at)
    return lead_from_the_start(entered_as=entered_as, created_at=created_at)


def lead_from_the_start(*, entered_as: str, created_at: dt.datetime) -> Lifecycle:
    """The lifecycle of a contact that has bought nothing yet; who was entered as a customer is told what is missing."""
    reason = "lead: no paid package yet"
    if entered_as == "customer":
        reason = "entered as a customer, becomes one with the first paid package that is not a trial"
    return Lifecycle("lead", reason, created_at)


def customer_since(grounds: Iterable[Ground], told: dt.date | None) -> dt.date | None:
    """The day of becoming a customer: the earliest that anything still standing vouches for, told or paid."""
    days = [ground.since.date() for ground in grounds if ground.holds and ground.since]
    return min([*days, *([told] if told else [])], default=None)

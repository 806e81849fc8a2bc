"""What a contact's lifecycle is and why; how text is folded so that it can be compared and found."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from anyascii import anyascii

_QUOTES = str.maketrans("", "", "'’‘`´")
_BLANKS = re.compile(r"\s+")


def fold(text: str) -> str:
    """Put text into the form in which it is compared: no accents, no case, Latin letters, single blanks.

    "  Żółć O’Brien" and "zolc obrien" are the same; so are "Владимир" and "vladimir".
    """
    plain = text if text.isascii() else anyascii(text)
    return _BLANKS.sub(" ", plain.translate(_QUOTES)).strip().lower()


def primary_of(given: Sequence[Mapping[str, Any]], part: str, problems: list[dict[str, str]]) -> int:
    """Which of several is the primary one: the first where none is said to be; two that are said to be are refused."""
    said = [n for n, item in enumerate(given) if item.get("primary")]
    detail = "Another one is the primary already."
    problems += [{"pointer": f"/{part}/{n}/primary", "detail": detail} for n in said[1:]]
    return said[0] if said else 0


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
    """Note that it was paid; a later payment that is already known wins, and an earlier end is over."""
    ground = known or Ground(name)
    if position <= ground.paid_position:
        return ground
    ended_at = ground.ended_at if ground.ended_position > position else None
    return ground._replace(name=name, kind=kind, since=since, paid_position=position, ended_at=ended_at)


def with_reversal(known: Ground | None, *, name: str, reason: str | None, position: int) -> Ground:
    """Note that it was reversed as if it never was; a later reversal that is already known wins."""
    ground = known or Ground(name)
    if position <= ground.reversed_position:
        return ground
    return ground._replace(reversal=reason, reversed_position=position)


def with_end(known: Ground | None, *, name: str, ended_at: dt.datetime, position: int) -> Ground:
    """Note that it came to its end; a later end that is already known wins, and one before the last payment is over."""
    ground = known or Ground(name)
    if position <= ground.ended_position:
        return ground
    if position < ground.paid_position:
        return ground._replace(ended_position=position)
    return ground._replace(ended_at=ended_at, ended_position=position)


class Booked(NamedTuple):
    """Since when somebody has booked, None for not at all, as bookings told at this position of their log."""

    since: dt.datetime | None = None
    position: int = 0


def with_booking(known: Booked, *, since: dt.datetime | None, position: int) -> Booked:
    """Note since when one of the bookings that stand was booked; what was told last counts."""
    return Booked(since, position) if position > known.position else known


class Lifecycle(NamedTuple):
    state: str
    reason: str
    since: dt.datetime


class Policy(NamedTuple):
    """What makes a customer, and the words in which it is said."""

    name: str
    held: str
    missing: str
    becoming: str


POLICIES = {
    policy.name: policy
    for policy in (
        Policy(
            "paid_package",
            "paid {words}",
            "no paid package yet",
            "becomes one with the first paid package that is not a trial",
        ),
        Policy(
            "subscription_and_booking",
            "{words}, and booked",
            "no active subscription yet",
            "becomes one with an active subscription and a booking",
        ),
    )
}
SHARED_MEMBERSHIP = "shared_membership"
"""What somebody else pays for, and a contact uses (B11): paid is paid, and so it makes a customer of them too."""
SUBSCRIPTIONS = ("membership", SHARED_MEMBERSHIP)
"""Kinds of packages that are subscriptions; a credit pack is none."""


def lifecycle_of(
    grounds: Iterable[Ground],
    *,
    entered_as: str,
    created_at: dt.datetime,
    policy: str = "paid_package",
    first_booked_at: dt.datetime | None = None,
) -> Lifecycle:
    """Derive the lifecycle under a policy, with its reason; the order of the grounds does not matter.

    A ground that counts and has not ended makes a customer since it began; when all that counted have ended, a former
    customer; when none is left, a lead, as at the beginning.
    """
    words = POLICIES[policy]
    known = _in_order(grounds, created_at)
    held = [ground for ground in counting(known, policy=policy, first_booked_at=first_booked_at) if ground.holds]
    current = [ground for ground in held if ground.ended_at is None]
    if current:
        first = _in_order(current, created_at)[0]
        since = first.since or created_at
        return Lifecycle("customer", f"customer since {since:%Y-%m-%d}: {words.held.format(words=first.words)}", since)
    if held:
        last = max(held, key=lambda ground: (ground.ended_at or created_at, ground.words))
        ended_at = last.ended_at or created_at
        return Lifecycle("former_customer", f"former customer since {ended_at:%Y-%m-%d}: {last.words} ended", ended_at)
    reason = _why_lead(known, policy)
    return Lifecycle("lead", reason, created_at) if reason else lead_from_the_start(
        entered_as=entered_as, created_at=created_at, policy=policy
    )  # fmt: skip


def _in_order(grounds: Iterable[Ground], created_at: dt.datetime) -> list[Ground]:
    return sorted(grounds, key=lambda ground: (ground.since or created_at, ground.words, ground.reversal or ""))


def counting(grounds: Iterable[Ground], *, policy: str, first_booked_at: dt.datetime | None) -> list[Ground]:
    """The grounds that make a customer under a policy, each since when it does.

    Where a booking is needed too, a subscription counts from the first booking on, and never if it had ended by then.
    """
    if policy == "paid_package":
        return list(grounds)
    if first_booked_at is None:
        return []
    return [
        ground._replace(since=max(ground.since or first_booked_at, first_booked_at))
        for ground in grounds
        if ground.kind in SUBSCRIPTIONS and (ground.ended_at is None or ground.ended_at >= first_booked_at)
    ]


def _why_lead(known: list[Ground], policy: str) -> str | None:
    """Why somebody with these grounds, the latest bought last, is a lead all the same; None: as if there were none."""
    if policy == "paid_package":
        return _taken_back(known)
    subscriptions = [ground for ground in known if ground.kind in SUBSCRIPTIONS]
    for ground in subscriptions:
        if ground.holds and ground.ended_at is None:
            return f"lead: {ground.words}, but no booking yet"
    if subscriptions:
        return _taken_back([ground for ground in subscriptions if not ground.holds]) or (
            f"lead: {subscriptions[-1].words} ended before the first booking"
        )
    others = [ground for ground in known if ground.holds]
    return f"lead: no active subscription yet; {others[-1].words} does not count" if others else None


def _taken_back(known: list[Ground]) -> str | None:
    """The reversal that was told last, whatever was bought first."""
    if not known:
        return None
    gone = max(known, key=lambda ground: ground.reversed_position)
    because = f" ({gone.reversal})" if gone.reversal else ""
    return f"lead again: {gone.words} was reversed{because}"


def lead_from_the_start(*, entered_as: str, created_at: dt.datetime, policy: str = "paid_package") -> Lifecycle:
    """The lifecycle of a contact that has bought nothing yet; who was entered as a customer is told what is missing."""
    words = POLICIES[policy]
    reason = f"lead: {words.missing}"
    if entered_as == "customer":
        reason = f"entered as a customer, {words.becoming}"
    return Lifecycle("lead", reason, created_at)


def customer_since(
    grounds: Iterable[Ground],
    told: dt.date | None,
    *,
    policy: str = "paid_package",
    first_booked_at: dt.datetime | None = None,
) -> dt.date | None:
    """The day of becoming a customer: the earliest that anything still standing vouches for, told or paid."""
    counted = counting(grounds, policy=policy, first_booked_at=first_booked_at)
    days = [ground.since.date() for ground in counted if ground.holds and ground.since]
    return min([*days, *([told] if told else [])], default=None)

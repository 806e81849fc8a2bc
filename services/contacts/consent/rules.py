"""What may be sent when nothing was said, why something may be sent or not, and whose word counts in a merge."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

ALLOWED_UNLESS_REFUSED = {"transactional": True, "reminders": True, "marketing": False}
"""The rule where a contact said nothing: marketing waits for a yes, the others end with a no."""

Topic = tuple[str, str]
"""A channel and a purpose."""


class Statement(NamedTuple):
    """What was said last of one purpose on one channel."""

    granted: bool
    said_at: dt.datetime
    how: str | None = None
    source: str = "preferences"


class Decision(NamedTuple):
    allowed: bool
    because: str
    since: dt.datetime | None


def decide(purpose: str, channel: str, standing: str, said: Statement | None) -> Decision:
    """Decide whether something may be sent now. Transactional messages do not heed what was said of marketing."""
    if standing != "active":
        return Decision(False, f"the contact is {standing}: nothing is sent", None)
    of = f"{'messages for ' if purpose == 'marketing' else ''}{purpose} by {channel}"
    if said:
        verb = "agreed to" if said.granted else "refused"
        because = f"the contact {verb} {of} on {said.said_at:%Y-%m-%d} ({said.how or said.source})"
        return Decision(said.granted, because, said.said_at)
    if ALLOWED_UNLESS_REFUSED[purpose]:
        return Decision(True, f"the contact never refused {of}, which needs no consent", None)
    return Decision(False, f"the contact never agreed to {of}, which needs consent", None)


def strictest(kept: Mapping[Topic, Statement], gone: Mapping[Topic, Statement]) -> dict[Topic, Statement]:
    """What holds for two who turn out to be one: a refusal of either counts, else the latest word.

    Silence is no word: where only one of them said something, it holds.
    """
    return {key: _stricter([side[key] for side in (kept, gone) if key in side]) for key in {**kept, **gone}}


def _stricter(said: list[Statement]) -> Statement:
    refusals = [statement for statement in said if not statement.granted]
    return max(refusals or said, key=lambda one: (one.said_at, one.how is not None, one.how or "", one.source))

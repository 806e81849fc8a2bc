"""When a place in a company makes sense."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, NamedTuple

from contracts.errors import Invalid


class Company(NamedTuple):
    """A company that is a contact."""

    id: str
    name: str


TERMS = ("title", "since", "until", "primary")


def read_terms(given: Mapping[str, Any], known: Mapping[str, Any], today: dt.date) -> dict[str, Any]:
    """What is given replaces what is known; days that contradict each other are refused.

    A place that has ended is not the primary one, even if it was.
    """
    terms = {name: given.get(name, known.get(name)) for name in TERMS}
    terms["title"] = " ".join((terms["title"] or "").split())
    since, until = terms["since"], terms["until"]
    if since and until and until < since:
        raise Invalid.field("/until", "Nobody leaves before they come.")
    if not is_current(until, today):
        if given.get("primary"):
            raise Invalid.field("/primary", "A place that has ended is not the primary one.")
        terms["primary"] = False
    return terms


def is_current(until: dt.date | None, today: dt.date) -> bool:
    """Whether the last day has not passed yet; a place that only begins later counts already."""
    return until is None or until >= today

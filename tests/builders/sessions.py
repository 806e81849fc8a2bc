"""Sessions to book."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from contracts.contacts import people, sessions
from tests.builders.people import a_person

Ask = Callable[..., Any]


def soon(**later: float) -> str:
    """A moment from now on: `soon(days=2)`; a whole second, as people plan."""
    moment = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(**(later or {"days": 3}))
    return moment.isoformat().replace("+00:00", "Z")


def a_session(ask: Ask, *, places: int = 10, starts: dict[str, float] | None = None, **given: Any) -> dict[str, Any]:
    """A class in three days, of an hour; `starts={"hours": 1}` for another time from now."""
    begins = starts or {"days": 3}
    ends = dict(begins) | {"minutes": begins.get("minutes", 0) + 60}
    planned = {"kind": "class", "title": "Yoga", "starts_at": soon(**begins), "ends_at": soon(**ends)}
    return ask(sessions.create_session, **(planned | {"capacity": places} | given))


def a_series(ask: Ask, **given: Any) -> dict[str, Any]:
    """Six classes of an hour, a week apart, from the first of March of next year on."""
    next_year = dt.datetime.now(dt.UTC).year + 1
    planned = {
        "kind": "class", "title": "Early yoga", "starts": f"{next_year}-03-01T07:30:00", "duration_minutes": 60,
        "rule": "FREQ=WEEKLY;COUNT=6", "capacity": 5,
    }  # fmt: skip
    return ask(sessions.create_series, **(planned | given))


def sessions_of(ask: Ask, series: dict[str, Any]) -> list[dict[str, Any]]:
    return ask(sessions.list_sessions, series_id=series["id"], limit=200)["items"]


def a_guest(ask: Ask, **given: Any) -> str:
    """Somebody who can book: the id."""
    return ask(people.create_contact, **a_person(enter_as="customer", **given))["id"]


def guests(ask: Ask, many: int) -> list[str]:
    return [a_guest(ask) for _ in range(many)]

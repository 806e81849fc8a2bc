"""How often within so many days: counted for all at once, for each by itself, and by hand."""

from __future__ import annotations

import datetime as dt
import itertools
import operator as op
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given, settings, strategies as st

from benchmarks.crowd import make_crowd
from chassis.ids import new_id
from contracts.contacts.filters import read_group
from services.contacts.bookings.model import Booking
from services.contacts.finding.queries.catalogue import catalogue_of_segments
from services.contacts.finding.queries.fields import contacts
from services.contacts.sessions.model import PlannedSession
from services.contacts.settings.model import Location
from tests.builders.works import Clockwork, a_clockwork
from tests.house.keeper import Servers
from tests.service.contacts.business_of_segments import rule

NOW = dt.datetime(2028, 3, 26, 10, 30, tzinfo=dt.UTC)
"""In Auckland it is near midnight, in Honolulu just after; in Berlin this day has 23 hours."""
PLACES = {"auckland": "Pacific/Auckland", "berlin": "Europe/Berlin", "honolulu": "Pacific/Honolulu", None: "UTC"}
STATES = {
    "visits_within": ("attended",),
    "bookings_within": ("upcoming", "waitlisted", "attended", "missed"),
    "cancellations_within": ("cancelled", "late_cancelled"),
    "no_shows_within": ("missed",),
}
COMPARED = {"=": op.eq, "!=": op.ne, "<": op.lt, "<=": op.le, ">": op.gt, ">=": op.ge}
CROWD = 24


class Booked(NamedTuple):
    contact_id: str
    location: str | None
    state: str
    starts_at: dt.datetime


class Diary(NamedTuple):
    clockwork: Clockwork
    locations: dict[str, str | None]
    booked: list[Booked]


@pytest.fixture(scope="module")
def diary(servers: Servers) -> Iterator[Diary]:
    """A few contacts in four time zones, and what they booked around midnights of a month; six booked nothing."""
    with a_clockwork(servers, now=NOW) as clockwork:
        with clockwork.work() as work:
            make_crowd(work.session.connection(), CROWD, now=NOW)
            locations = _placed(work)
            booked = [_booking(n, *one) for n in range(12) for one in list(locations.items())[:-6]]
            _write(work, booked)
        yield Diary(clockwork, locations, booked)


def _placed(work: Any) -> dict[str, str | None]:
    """The location of each contact, by turns."""
    for key, zone in PLACES.items():
        if key:
            place = {"id": new_id(), "key": key, "name": key, "name_key": key, "time_zone": zone, "created_at": NOW}
            work.session.execute(sa.insert(Location).values(place))
    ids = work.session.scalars(sa.select(contacts.c.id).order_by(contacts.c.id))
    locations = dict(zip(ids, itertools.cycle(PLACES)))
    for contact_id, place in locations.items():
        work.session.execute(sa.update(contacts).where(contacts.c.id == contact_id).values(location=place))
    return locations


def _booking(n: int, contact_id: str, location: str | None) -> Booked:
    """Some minutes on either side of a midnight where they are, on days that are the more the later they are."""
    number = int(contact_id[-4:], 16)
    midnight = dt.datetime(2028, 3, 27, tzinfo=ZoneInfo(PLACES[location])) - dt.timedelta(days=n * (number % 4))
    states = sorted({state for some in STATES.values() for state in some})
    minutes = dt.timedelta(minutes=(-1) ** (n + number) * (1 + n))
    return Booked(contact_id, location, states[(number + n * 5) % len(states)], midnight.astimezone(dt.UTC) + minutes)


def _write(work: Any, booked: list[Booked]) -> None:
    sessions = [
        {
            "id": new_id(), "kind": "class", "title": "Yoga", "starts_at": one.starts_at,
            "ends_at": one.starts_at + dt.timedelta(hours=1), "capacity": 9, "late_cancel_hours": 1, "created_at": NOW,
        }
        for one in booked
    ]  # fmt: skip
    work.session.execute(sa.insert(PlannedSession.__table__), sessions)
    rows = [
        {
            "id": new_id(), "session_id": session["id"], "contact_id": one.contact_id, "state": one.state,
            "starts_at": one.starts_at, "arrival": 1, "made_at": NOW, "changed_at": NOW, "version": 1,
        }
        for session, one in zip(sessions, booked, strict=True)
    ]  # fmt: skip
    work.session.execute(sa.insert(Booking.__table__), rows)


TALLIES = st.builds(
    rule, st.sampled_from(sorted(STATES)), st.sampled_from(sorted(COMPARED)),
    st.fixed_dictionaries({"count": st.integers(0, 3), "n": st.integers(1, 12), "unit": st.just("day")}),
)  # fmt: skip


@pytest.mark.requirement("C24", "C26")
@settings(deadline=None, max_examples=60)
@given(asked=TALLIES, negated=st.booleans())
def test_counted_for_all_at_once_or_each_by_itself_the_same_contacts_match(diary, asked, negated):
    filter = read_group({"rules": [asked], "not": negated})
    found = []
    with diary.clockwork.reading() as work:
        for singly in (False, True):
            where = catalogue_of_segments(work, singly=singly).compiled(filter).where
            found.append(set(work.session.scalars(sa.select(contacts.c.id).where(where))))
    assert found == [counted_by_hand(diary, asked, negated)] * 2


def counted_by_hand(diary: Diary, asked: dict[str, Any], negated: bool) -> set[str]:
    within = dt.timedelta(days=asked["value"]["n"])
    counts: Counter[str] = Counter()
    for one in diary.booked:
        zone = ZoneInfo(PLACES[one.location])
        today = NOW.astimezone(zone).date()
        counts[one.contact_id] += one.state in STATES[asked["field"]] and (
            today - within < one.starts_at.astimezone(zone).date() <= today
        )
    holds = COMPARED[asked["operator"]]
    return {one for one in diary.locations if holds(counts[one], asked["value"]["count"]) != negated}

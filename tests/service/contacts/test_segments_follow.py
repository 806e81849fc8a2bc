"""Whatever happens, in whatever order it is heard, and however time passes: members are those whom the filter finds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from chassis.ids import new_id
from contracts.contacts.filters import read_group
from contracts.contacts.locations import location_changed
from services.contacts.facts.model import Facts
from services.contacts.segments.actions import defining, keeping, passing, stepping
from services.contacts.settings.model import Location
from tests.builders.works import Clockwork, a_clockwork
from tests.house.keeper import Servers
from tests.service.contacts.business_of_segments import CROWD, FILTERS, START, ZONES, Business, rule, within

TURNS = [
    dt.datetime(2028, 2, 29, 10, 59, 59, tzinfo=dt.UTC),  # a second before midnight in Auckland
    dt.datetime(2028, 2, 29, 23, 0, tzinfo=dt.UTC),  # midnight in Berlin, the end of a leap day
    dt.datetime(2028, 3, 26, 0, 59, 59, tzinfo=dt.UTC),  # the last second of winter time in Europe
    dt.datetime(2028, 3, 26, 22, 0, tzinfo=dt.UTC),  # midnight of summer time: that day had 23 hours
    dt.datetime(2028, 4, 1, 14, 30, tzinfo=dt.UTC),  # half an hour after summer time ended in Auckland
    dt.datetime(2028, 4, 2, 3, 0, tzinfo=dt.UTC),  # and in Santiago, at midnight, which came twice
    dt.datetime(2028, 4, 2, 12, 0, tzinfo=dt.UTC),  # midnight in Auckland: that day had 25 hours
]
STRETCH = 5
"""So many are looked at in one step: fewer than there are, so that things happen between the steps of a job."""
CONTACTS = st.integers(0, CROWD - 1)
DAYS = [0, 0, 1, 2, -1, -2, -3, -4, -28, -31]
MOMENTS = st.none() | st.builds(dt.timedelta, st.sampled_from(DAYS), minutes=st.integers(-12 * 60, 12 * 60))
"""About as many days away as the filters ask, on this side of midnight or on the other."""
HAPPENINGS = st.one_of(
    st.tuples(st.just("profile"), CONTACTS, st.sampled_from([
        ("source", "Friend"), ("source", "Web"), ("location", None), *(("location", key) for key in ZONES),
        ("birthday", dt.date(1988, 2, 29)), ("birthday", dt.date(1988, 3, 1)), ("birthday", dt.date(1988, 3, 26)),
        ("birthday", dt.date(1988, 4, 2)),
        ("birthday", None), ("standing", "archived"), ("standing", "active"),
    ])),
    st.tuples(st.just("fact"), CONTACTS, st.sampled_from(["last_booking_at", "last_visit_at"]), MOMENTS),
    st.tuples(st.just("count"), CONTACTS, st.sampled_from(["lifetime_value", "bookings"]), st.sampled_from([0, 900])),
    st.tuples(st.just("membership"), CONTACTS, st.sampled_from(["active", "paused", None]), st.integers(-20, 20)),
    st.tuples(st.just("tag"), CONTACTS, st.booleans()),
    st.tuples(st.just("hear"), st.integers(1, 6), st.randoms(use_true_random=False)),
    st.tuples(st.just("time"), st.sampled_from([1, 2, 5, 9, 13, 24, 25, 72, 24 * 31])),
    st.tuples(st.just("turn"), st.sampled_from(TURNS)),
    st.tuples(st.just("tick")),
    st.tuples(st.just("step")),
    st.tuples(st.just("edit"), st.integers(0, len(FILTERS) - 1), st.integers(0, len(FILTERS) - 1)),
    st.tuples(st.just("look")),
)  # fmt: skip


@pytest.fixture(scope="module")
def bare(servers: Servers) -> Iterator[Clockwork]:
    with a_clockwork(servers, now=START) as clockwork:
        with clockwork.work() as work:
            for key, zone in ZONES.items():
                location = {"id": new_id(), "key": key, "name": key, "name_key": key, "time_zone": zone}
                work.session.execute(sa.insert(Location).values(**location, created_at=START))
        with pytest.MonkeyPatch.context() as patch:
            for job in (stepping, passing):
                patch.setattr(job, "MOST", STRETCH)
            yield clockwork


@pytest.mark.requirement("C26")
@settings(deadline=None, max_examples=12, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
@given(happenings=st.lists(HAPPENINGS, min_size=5, max_size=40))
def test_members_are_whom_the_filter_finds_at_any_moment(bare: Clockwork, happenings: list[Any]) -> None:
    business = Business(bare)
    deeds: dict[str, Callable[..., Any]] = {
        "hear": business.hear, "tick": business.tick, "step": business.step, "edit": business.edit,
        "turn": business.turn,
        "time": lambda hours: setattr(bare, "now", bare.now + dt.timedelta(hours=hours)),
        "tag": lambda *what: business.happen("tag_", *what),
    }  # fmt: skip
    for kind, *what in [*happenings, ("look",)]:
        if kind == "look":
            business.settle()
            assert business.members() == business.computed()
            assert business.told() == {member for member in business.members() if member[0] in business.segments}
        elif kind in deeds:
            deeds[kind](*what)
        else:
            business.happen(kind, *what)


@pytest.mark.requirement("C25", "C26")
@pytest.mark.parametrize(
    ("rules", "facts", "from_day", "kind", "words"),
    [
        ([rule("last_booking_at", "olderThan", within(45)), rule("subscription_state", "=", "active")],
         {"last_booking_at": "2026-10-08T05:00:00Z", "subscription_state": "active"}, "2026-11-22",
         "segment.entered", "45 days since the last booking on 2026-10-08"),
        ([rule("last_visit_at", "inLast", within(1, "month"))], {"last_visit_at": "2026-10-31T09:00:00Z"}, "2026-12-01",
         "segment.left", "1 month since the last visit on 2026-10-31"),
        ([rule("membership_expires_on", "inNext", within(7))], {"membership_expires_on": "2026-12-24"}, "2026-12-18",
         "segment.entered", "7 days until the membership expires on 2026-12-24"),
        ([rule("birthday", "birthdayThisMonth")], {}, "2028-02-01",
         "segment.entered", "the birthday on 29 February is this month"),
        ([rule("age", ">=", 30)], {}, "2018-02-28", "segment.entered", "turned 30 on 2018-02-28"),
    ],
    ids=lambda told: told if isinstance(told, str) and told.startswith("segment") else "",
)  # fmt: skip
def test_a_day_that_passes_is_a_cause_in_words(bare, rules, facts, from_day, kind, words):
    """In Auckland, where the day begins at 11 in the morning UTC; an hour before it, nobody has entered or left."""
    business = Business(bare)
    contact = business.ids[3]
    midnight = dt.datetime.combine(dt.date.fromisoformat(from_day), dt.time(), ZoneInfo(ZONES["auckland"]))
    bare.now = midnight.astimezone(dt.UTC) - dt.timedelta(hours=1)
    with bare.work() as work:
        where = sa.text("UPDATE contacts SET birthday = '1988-02-29', location = 'auckland' WHERE id = :id")
        work.session.execute(where, {"id": contact})
        work.session.execute(sa.update(Facts).where(Facts.contact_id == contact).values(facts or {"dues": 0}))
        filter = read_group({"rules": [*rules, rule("location", "=", "auckland")]})
        segment = defining.add_segment(work, name="By time", description="", filter=filter).id
    business.settle()
    assert ((segment, contact) in business.members()) == (kind == "segment.left")
    business.passages.clear()
    bare.now += dt.timedelta(hours=1, seconds=1)
    business.settle()
    told = [event for event in business.passages if event.data.segment_id == segment]
    assert [(event.type, event.subject, event.data.cause["words"]) for event in told] == [(kind, contact, words)]


@pytest.mark.requirement("C26", "G10")
def test_a_location_in_another_time_zone_lets_enter_and_leave_at_once(bare):
    """It is the 29th in Auckland already, and still the 28th in Lisbon."""
    business = Business(bare)
    contact = business.ids[3]
    bare.now = dt.datetime(2028, 2, 28, 12, tzinfo=dt.UTC)
    with bare.work() as work:
        born = sa.text("UPDATE contacts SET birthday = '1988-02-29', location = 'auckland' WHERE id = :id")
        work.session.execute(born, {"id": contact})
        keeping.keep_built_ins(work)  # else it is their tags that let the segment look at who gets them
    business.settle()
    birthday = business.segments[FILTERS.index([rule("birthday", "birthdayToday")])]
    assert (birthday, contact) in business.members()
    with bare.work() as work:
        held = work.session.scalars(sa.select(Location).where(Location.key == "auckland")).one()
        held.time_zone = "Europe/Lisbon"
        told = {"location_id": held.id, "key": "auckland", "name": "auckland", "time_zone": held.time_zone}
        work.record(location_changed, None, **told, archived=False, version=2)
    bare.hears(keeping.follow_settings, bare.told(location_changed))
    business.passages.clear()
    business.settle()
    assert (birthday, contact) not in business.members()
    left = [event for event in business.passages if (event.subject, event.data.segment_id) == (contact, birthday)]
    assert [(event.type, event.data.cause["words"]) for event in left] == [
        ("segment.left", "the time zone was changed")
    ]

"""A few contacts, a segment a filter, and a queue of events that nobody has heard yet."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from benchmarks.crowd import make_crowd
from chassis import tables
from contracts.contacts.facts import facts_changed
from contracts.contacts.filters import read_group
from contracts.contacts.people import contact_changed
from contracts.contacts.segments import segment_entered, segment_left
from contracts.contacts.tags import contact_tagged, contact_untagged
from services.contacts.facts.model import Facts
from services.contacts.finding.queries.matching import select_matching
from services.contacts.segments.actions import defining, following, passing, stepping
from services.contacts.segments.model import Segment, SegmentMember
from services.contacts.settings.model import Location
from services.contacts.settings.queries import forget
from tests.builders.works import Clockwork

START = dt.datetime(2028, 2, 25, 22, 30, tzinfo=dt.UTC)
"""A few days before a 29 February, and a month before the clocks are changed in Europe."""
ZONES = {
    "auckland": "Pacific/Auckland",
    "berlin": "Europe/Berlin",
    "honolulu": "Pacific/Honolulu",
    "santiago": "America/Santiago",
}
AT_A_LOCATION = sa.text("UPDATE contacts SET location = (:keys)[1 + membership_number::int % 5]")
"""A fifth of them are at none, and so in the time zone of the business."""
JOBS = {stepping.JOB: stepping.evaluate_segment, passing.JOB: passing.pass_days}
CROWD = 8
TAG = "vip"


def rule(field: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def within(n: int, unit: str = "day") -> dict[str, Any]:
    return {"n": n, "unit": unit}


FILTERS = [
    [rule("source", "=", "Friend")],
    [rule("tags", "=", TAG), rule("lifetime_value", ">=", 500)],
    [rule("bookings", "=", 0)],
    [rule("last_booking_at", "olderThan", within(2)), rule("subscription_state", "=", "active")],
    [rule("last_visit_at", "inLast", within(3))],
    [rule("last_visit_at", "notInLast", within(1, "month"))],
    [rule("last_booking_at", "inNext", within(2))],
    [rule("birthday", "birthdayToday")],
    [rule("birthday", "birthdayInNext", within(7))],
    [rule("age", ">=", 40)],
    [rule("membership_expires_on", "thisMonth")],
    [rule("created_at", "today")],
    [{"combinator": "or", "not": True, "rules": [rule("tags", "null"), rule("location", "=", "auckland")]}],
]


class Business:
    """A few contacts, a segment a filter, and a queue of events that nobody has heard yet."""

    def __init__(self, clockwork: Clockwork) -> None:
        self.clockwork = clockwork
        clockwork.now = START
        with clockwork.work() as work:
            for table in ("segments", "segment_members", "segment_days", "jobs", "contact_tags", "facts"):
                work.session.execute(sa.text(f"DELETE FROM {table}"))
            work.session.execute(sa.text("TRUNCATE contacts CASCADE"))
            for key, zone in ZONES.items():
                work.session.execute(sa.update(Location).where(Location.key == key).values(time_zone=zone))
            make_crowd(work.session.connection(), CROWD, now=START)
            work.session.execute(AT_A_LOCATION, {"keys": list(ZONES)})
            self.ids = list(work.session.scalars(sa.text("SELECT id::text FROM contacts ORDER BY id")))
            self.tag = work.session.scalar(sa.text("SELECT id::text FROM tags WHERE key = :key"), {"key": TAG})
            self.segments = [
                defining.add_segment(work, name=f"S{n}", description="", filter=read_group({"rules": rules})).id
                for n, rules in enumerate(FILTERS)
            ]
        self.passages: list[Any] = []
        self.heard()
        self.unheard: list[Any] = []

    def heard(self) -> list[Any]:
        """What there is to be heard, whatever told it; who enters and leaves is noted apart."""
        passages = (segment_entered, segment_left)
        told = self.clockwork.told(contact_changed, facts_changed, contact_tagged, contact_untagged, *passages)
        kinds = [event.type for event in passages]
        self.passages += [event for event in told if event.type in kinds]
        return [event for event in told if event.type not in kinds]

    def happen(self, kind: str, *what: Any) -> None:
        with self.clockwork.work() as work:
            getattr(self, kind)(work, *what)
        self.unheard += self.heard()

    def profile(self, work: Any, contact: int, change: tuple[str, Any]) -> None:
        name, value = change
        work.session.execute(
            sa.text(f"UPDATE contacts SET {name} = :v WHERE id = :id"), {"v": value, "id": self.ids[contact]}
        )
        changes = {name: {"before": None, "after": str(value)}}
        work.record(contact_changed, self.ids[contact], changes=changes, display_name="", version=1)

    def fact(self, work: Any, contact: int, name: str, ago: dt.timedelta | None) -> None:
        self._set(work, contact, **{name: ago if ago is None else work.now + ago})

    def count(self, work: Any, contact: int, name: str, value: int) -> None:
        self._set(work, contact, **{name: value})

    def membership(self, work: Any, contact: int, state: str | None, days: int) -> None:
        self._set(work, contact, subscription_state=state, membership_expires_on=work.now.date() + dt.timedelta(days))

    def _set(self, work: Any, contact: int, **values: Any) -> None:
        work.session.execute(sa.update(Facts).where(Facts.contact_id == self.ids[contact]).values(values))
        changes = {name: {"before": None, "after": str(value)} for name, value in values.items()}
        cause = {"type": "test.happened", "event_id": None, "time": work.now}
        work.record(facts_changed, self.ids[contact], changes=changes, cause=cause)

    def tag_(self, work: Any, contact: int, on: bool) -> None:
        pair = {"contact": self.ids[contact], "tag": self.tag}
        if on:
            put = "INSERT INTO contact_tags VALUES (:contact, :tag, now()) ON CONFLICT DO NOTHING"
        else:
            put = "DELETE FROM contact_tags WHERE contact_id = :contact AND tag_id = :tag"
        work.session.execute(sa.text(put), pair)
        work.record(contact_tagged if on else contact_untagged, self.ids[contact], tag=TAG)

    def hear(self, count: int, order: Any) -> None:
        """Some of what is unheard, in any order, one of them twice."""
        order.shuffle(self.unheard)
        batch, self.unheard = self.unheard[:count], self.unheard[max(1, count - 1) :]
        self.clockwork.hears(following.follow, batch)

    def turn(self, moment: dt.datetime) -> None:
        """Time passes until then, if it is not later already."""
        self.clockwork.now = max(self.clockwork.now, moment)

    def tick(self) -> None:
        with self.clockwork.work() as work:
            passing.notice_days(work)

    def step(self) -> bool:
        return self.clockwork.step(JOBS)

    def edit(self, segment: int, other: int) -> None:
        with self.clockwork.work() as work:
            held = work.session.get(Segment, self.segments[segment])
            held.filter = read_group({"rules": FILTERS[other]})
            defining.redefine(work, held, "edited")

    def settle(self) -> None:
        """Everything is heard, the clock has ticked, every job is done."""
        self.tick()
        while self.unheard or self.step():
            self.clockwork.hears(following.follow, self.unheard)
            self.unheard = self.heard()  # tags of the system

    def members(self) -> set[tuple[str, str]]:
        with self.clockwork.reading() as work:
            return set(work.session.execute(sa.select(SegmentMember.segment_id, SegmentMember.contact_id)).tuples())

    def computed(self) -> set[tuple[str, str]]:
        with self.clockwork.reading() as work:
            forget()
            filters = work.session.execute(sa.select(Segment.id, Segment.filter)).all()
            return {(id, one) for id, filter in filters for one in work.session.scalars(select_matching(work, filter))}

    def told(self) -> set[tuple[str, str]]:
        """The members as somebody knows them who only listens."""
        with self.clockwork.reading() as work:
            events, kinds = tables.events.c, (segment_entered.type, segment_left.type)
            segment_id = events.data["segment_id"].astext
            passages = sa.select(events.type, events.subject, segment_id).where(events.type.in_(kinds))
            rows = work.session.execute(passages.where(segment_id.in_(self.segments)).order_by(events.seq)).all()
            known: set[tuple[str, str]] = set()
            for kind, contact, segment in rows:
                if kind == segment_entered.type:
                    assert (segment, contact) not in known
                    known.add((segment, contact))
                else:
                    assert kind == segment_left.type
                    known.remove((segment, contact))
            return known

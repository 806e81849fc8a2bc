"""Evaluations of one segment race with each other and with what happens, and the job is killed in the middle of it."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from contracts.catalogue import all_events
from contracts.contacts import finding, people, segments
from contracts.jobs import get_job
from services.contacts.segments.rules.causes import may_matter
from tests.builders.people import a_lead

PEOPLE, CHANGES, LOOKS = 16, 60, 6
INSIDE, BESIDE, OUTSIDE = "Inside", "Beside", "Outside"
HEARD = [event.type for event in may_matter(all_events())]
BLOCKED = "SELECT 1 FROM pg_stat_activity WHERE :pid = ANY (pg_blocking_pids(pid))"
WAITING = """
    SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()
"""
UNHEARD = """
    SELECT count(*) FROM events WHERE subject IS NOT NULL AND type = ANY (:types)
    AND NOT EXISTS (SELECT 1 FROM inbox WHERE event_id = events.id AND listener = 'follow')
"""
PASSAGES = """
    SELECT type, subject::text FROM events
    WHERE type IN ('segment.entered', 'segment.left') AND data->>'segment_id' = :segment ORDER BY seq
"""


def until(holds, seconds=60):
    end = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)
    return found


def of(*sources):
    return {"rules": [{"field": "source", "operator": "in", "value": list(sources)}]}


@contextmanager
def half_done(house, segment, contact, *sources) -> Iterator[None]:
    """The segment asks for these sources now, and its job is in the middle of letting in who matches.

    It waits for another transaction, which is about to let in this contact, and has let in those before.
    """
    with house.database("contacts").connect() as other, house.database("contacts").connect() as watching:
        member = {"segment": segment, "contact": contact}
        other.execute(sa.text("INSERT INTO segment_members VALUES (:segment, :contact, now())"), member)
        pid = other.scalar(sa.text("SELECT pg_backend_pid()"))
        house.ask(segments.change_segment, segment_id=segment, filter=of(*sources))
        until(lambda: watching.scalar(sa.text(BLOCKED), {"pid": pid}))
        yield
        other.rollback()


def told(house, segment):
    """The members as somebody knows them who only listens; nobody enters twice, or leaves who is not in it."""
    known: set[str] = set()
    with house.database("contacts").connect() as connection:
        for type, contact in connection.execute(sa.text(PASSAGES), {"segment": segment}):
            assert (type == "segment.left") == (contact in known), f"{type} of {contact} is told again"
            known ^= {contact}
    return known


def heard(house):
    with house.database("contacts").connect() as connection:
        return not connection.scalar(sa.text(UNHEARD), {"types": HEARD})


def quiet(house):
    """No job is left to do, and every event was heard."""
    with house.database("contacts").connect() as connection:
        open_ = connection.scalar(sa.text("SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')"))
    return not open_ and heard(house)


def waits(house):
    """Somebody waits for their turn to evaluate."""
    with house.database("contacts").connect() as connection:
        return connection.scalar(sa.text(WAITING))


def is_right(house, segment, *sources):
    """In the end the members are those whom the filter finds, and whoever only listened knows them."""
    until(lambda: quiet(house))
    members = {one["contact_id"] for one in house.ask(segments.list_segment_members, segment_id=segment)["items"]}
    computed = {one["id"] for one in house.ask(finding.search_contacts, filter=of(*sources))["items"]}
    assert members == computed == told(house, segment)
    return members


@pytest.mark.requirement("C26")
def test_members_are_right_and_told_once_though_evaluations_race_and_one_is_killed(a_house):
    house = a_house(services=["contacts"], roles={"contacts": ["rpc", "events", "jobs"]})
    ids = [a_lead(house.ask, source=source)["id"] for source in (INSIDE, BESIDE) for _ in range(PEOPLE // 2)]
    segment = house.ask(segments.create_segment, name="Raced", filter=of(INSIDE))["id"]
    assert is_right(house, segment, INSIDE) == set(ids[: PEOPLE // 2])

    with half_done(house, segment, ids[-1], INSIDE, BESIDE):  # and has let in the one before already
        house.ask(people.change_contact, contact_id=ids[-2], source=OUTSIDE)
        until(lambda: waits(house) or heard(house))
    assert is_right(house, segment, INSIDE, BESIDE) == set(ids) - {ids[-2]}

    def things_happen():
        for n in range(CHANGES):
            source = random.Random(n).choice([INSIDE, BESIDE, OUTSIDE])
            house.ask(people.change_contact, contact_id=ids[n % PEOPLE], source=source)

    traffic = threading.Thread(target=things_happen)
    with half_done(house, segment, ids[-2], INSIDE, OUTSIDE):
        traffic.start()
        house.process("contacts-jobs").kill()
    house.start_again("contacts-jobs")
    looks = [house.ask(segments.reevaluate_segment, segment_id=segment)["job_id"] for _ in range(LOOKS)]
    traffic.join()
    assert 0 < len(is_right(house, segment, INSIDE, OUTSIDE)) < PEOPLE
    assert {house.ask(get_job["contacts"], job_id=look)["state"] for look in looks} == {"done"}

"""kill -9 in the middle of booking: what was answered stands, nothing is done twice, and everything was told once."""

from __future__ import annotations

import random
import threading
import time
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from contracts.contacts import bookings
from contracts.errors import Conflict, Unavailable
from tests.builders.sessions import a_session, guests

DEATHS = 3
PATIENCE = 60.0


class Journal:
    """Clients who book, move and give up, each write with a key until it is answered, and note what they were told."""

    def __init__(self, house, sessions, people):
        self.house, self.sessions, self.people = house, sessions, people
        self.told: dict[str, dict[str, Any]] = {}
        self.answers = 0
        self.trouble: list[BaseException] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._live, args=(n,), daemon=True) for n in range(6)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE)
        assert not self.trouble, self.trouble

    def _live(self, number):
        dice, mine = random.Random(number), self.people[number::6]
        try:
            while not self._stop.is_set():
                person, session = dice.choice(mine), dice.choice(self.sessions)
                booking = self._write(bookings.book, contact_id=person, session_id=session)
                if booking and dice.random() < 0.5:
                    target = dice.choice(self.sessions)
                    self._write(
                        bookings.reschedule_booking, booking_id=booking["id"], session_id=target, if_full="wait"
                    )
                if booking and dice.random() < 0.6:
                    self._write(bookings.cancel_booking, booking_id=booking["id"])
        except BaseException as trouble:
            self.trouble.append(trouble)

    def _write(self, rpc, **request):
        key, until = new_id(), time.monotonic() + PATIENCE
        while True:
            try:
                answer = self.house.ask(rpc, key=key, deadline=2.0, **request)
            except Conflict:
                return None
            except Unavailable:
                assert time.monotonic() < until
                time.sleep(0.05)
            else:
                self.told[answer["id"]] = answer
                self.answers += 1
                return answer


def give_packs(house, people):
    """Half of the people have a pack of three credits, with its line in the ledger."""
    with house.database("contacts").begin() as connection:
        for person in people[::2]:
            pack = {"id": new_id(), "person": person, "line": new_id()}
            connection.execute(sa.text("""
                INSERT INTO credit_packs (id, contact_id, name, credits, "left", granted_at, paid_position)
                VALUES (:id, :person, 'Three', 3, 3, now(), 1)"""), pack)  # fmt: skip
            connection.execute(sa.text("""
                INSERT INTO credit_entries (id, pack_id, contact_id, kind, credits, "left", at)
                VALUES (:line, :id, :person, 'granted', 3, 3, now())"""), pack)  # fmt: skip


@pytest.mark.requirement("C32", "C33", "O04")
def test_a_kill_in_the_middle_loses_no_place_and_no_credit(a_house):
    house = a_house(services=["contacts"], roles={"contacts": ["rpc"]})
    sessions = [a_session(house.ask, places=4, starts={"days": day})["id"] for day in (2, 3, 4)]
    people = guests(house.ask, 24)
    give_packs(house, people)
    with Journal(house, sessions, people) as journal:
        for _ in range(DEATHS):
            enough, until = journal.answers + 60, time.monotonic() + PATIENCE
            while journal.answers < enough and not journal.trouble and time.monotonic() < until:
                time.sleep(0.01)
            assert journal.answers >= enough or journal.trouble
            house.process("contacts-rpc").kill()
            house.start_again("contacts-rpc")
    versions = dict(look(house, "SELECT id::text, version FROM bookings"))
    assert [id for id, told in journal.told.items() if versions.get(id, 0) < told["version"]] == []
    assert dict(look(house, EVENTS)) == versions
    for booked, waiting, capacity, placed, waitlisted in look(house, PLACES):
        assert (booked, waiting) == (placed, waitlisted)
        assert booked == capacity or not waiting
    for left, total, held in look(house, CREDITS):
        assert left == total == 3 - held


EVENTS = "SELECT data->>'booking_id', count(*) FROM events WHERE type LIKE 'booking.%%' GROUP BY 1"
PLACES = """
    SELECT s.booked, s.waiting, s.capacity,
           count(*) FILTER (WHERE b.state = 'upcoming'), count(*) FILTER (WHERE b.state = 'waitlisted')
    FROM sessions s JOIN bookings b ON b.session_id = s.id GROUP BY s.id
    """
CREDITS = """
    SELECT "left", (SELECT sum(credits) FROM credit_entries e WHERE e.pack_id = p.id),
           (SELECT count(*) FROM bookings b WHERE b.credit_pack_id = p.id)
    FROM credit_packs p
    """


def look(house, statement):
    with house.database("contacts").connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]

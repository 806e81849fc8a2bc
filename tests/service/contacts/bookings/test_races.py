"""Many at once, for the same places and the same credits."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from functools import partial

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from contracts.billing.orders import package_paid
from contracts.contacts import bookings, credits, schedulers, sessions
from contracts.errors import Conflict
from tests.builders.at_once import at_once
from tests.builders.sessions import a_guest, a_session, guests, soon


@pytest.mark.requirement("C32")
def test_a_hundred_for_ten_places_leave_ten_booked_and_ninety_in_order_of_arrival(ask):
    session = a_session(ask, places=10)
    people = guests(ask, 100)
    booked = at_once([partial(ask, bookings.book, session_id=session["id"], contact_id=who) for who in people])
    assert Counter(b["state"] for b in booked) == {"upcoming": 10, "waitlisted": 90}
    roster = ask(bookings.list_roster, session_id=session["id"], limit=200)["items"]
    assert [b["state"] for b in roster] == ["upcoming"] * 10 + ["waitlisted"] * 90
    assert [b["waitlist_position"] for b in roster[10:]] == list(range(1, 91))
    assert {b["id"]: b["waitlist_position"] for b in booked} == {b["id"]: b["waitlist_position"] for b in roster}
    assert {b["contact_id"] for b in roster} == set(people)

    left = at_once([partial(ask, bookings.cancel_booking, booking_id=b["id"]) for b in roster[:7]])
    assert {b["state"] for b in left} == {"cancelled"}
    now = ask(bookings.list_roster, session_id=session["id"], limit=200)["items"]
    assert [b["state"] for b in now] == ["cancelled"] * 7 + ["upcoming"] * 10 + ["waitlisted"] * 83
    told = ask(sessions.get_session, session_id=session["id"])
    assert (told["booked"], told["waiting"]) == (10, 83)


@pytest.mark.requirement("C32")
def test_one_contact_books_once_however_often_at_once(ask):
    session, ada = a_session(ask), a_guest(ask)
    tried = at_once([partial(ask, bookings.book, session_id=session["id"], contact_id=ada)] * 12)
    assert sum(isinstance(answer, Conflict) for answer in tried) == 11
    assert ask(sessions.get_session, session_id=session["id"])["booked"] == 1


@pytest.mark.requirement("C33")
def test_a_credit_is_used_once_and_every_ledger_adds_up(ask, billing_says, eventually, database):
    ada = a_guest(ask)
    for n in range(2):
        billing_says(package_paid, ada, n, assignment_id=new_id(), name=f"Pack {n}", kind="credit_pack",
                     since=dt.datetime.now(dt.UTC).date(), credits=4, expires_on=None)  # fmt: skip
    eventually(lambda: ask(credits.list_credits, contact_id=ada)["usable"], lambda usable: usable == 8)
    places = [a_session(ask)["id"] for _ in range(14)]
    booked = at_once([partial(ask, bookings.book, session_id=s, contact_id=ada) for s in places])
    assert Counter(b["credit_pack_id"] is not None for b in booked) == {True: 8, False: 6}
    assert ask(credits.list_credits, contact_id=ada)["usable"] == 0
    at_once([partial(ask, bookings.cancel_booking, booking_id=b["id"]) for b in booked] * 2)
    assert ask(credits.list_credits, contact_id=ada)["usable"] == 8
    assert adds_up(database, ada)


@pytest.mark.requirement("C32", "C33")
def test_everybody_moving_between_two_sessions_at_once_ends_with_places_counted_right(ask, database):
    one, other = a_session(ask, places=3), a_session(ask, places=3, starts={"days": 4})
    people = guests(ask, 10)
    made = [
        ask(bookings.book, session_id=(one if n % 2 else other)["id"], contact_id=who) for n, who in enumerate(people)
    ]
    dice = random.Random(2026)

    def something(booking):
        target = dice.choice([one, other])["id"]
        if dice.random() < 0.6:
            return partial(ask, bookings.reschedule_booking, booking_id=booking["id"], session_id=target,
                               if_full="wait")  # fmt: skip
        return partial(ask, bookings.rebook, booking_id=booking["id"], session_id=target)

    at_once([something(booking) for booking in made for _ in range(4)], workers=24)
    at_once([partial(ask, bookings.cancel_booking, booking_id=b["id"]) for b in made[:5]])
    with database("contacts").connect() as connection:
        counted = connection.execute(
            sa.text("""
            SELECT s.booked, s.waiting, s.capacity,
                   count(*) FILTER (WHERE b.state = 'upcoming'), count(*) FILTER (WHERE b.state = 'waitlisted')
            FROM sessions s JOIN bookings b ON b.session_id = s.id WHERE s.id IN (:one, :other) GROUP BY s.id
            """),
            {"one": one["id"], "other": other["id"]},
        ).all()
    assert len(counted) == 2
    for booked, waiting, capacity, upcoming, waitlisted in counted:
        assert (booked, waiting) == (upcoming, waitlisted)
        assert booked <= capacity
        assert booked == capacity or not waiting


def adds_up(database, contact_id):
    """Whether each pack's lines sum to what is left, and the last line says so too."""
    with database("contacts").connect() as connection:
        rows = connection.execute(
            sa.text("""
            SELECT p."left", sum(e.credits), (array_agg(e."left" ORDER BY e.id DESC))[1]
            FROM credit_packs p JOIN credit_entries e ON e.pack_id = p.id
            WHERE p.contact_id = :id GROUP BY p.id
            """),
            {"id": contact_id},
        ).all()
    return bool(rows) and all(left == total == last for left, total, last in rows)


@pytest.mark.requirement("C32")
def test_two_schedulers_who_say_the_same_at_once_enter_it_once(ask):
    there, ada = f"mind-{new_id()[-8:]}", a_guest(ask)
    word = {"title": "Spin", "starts_at": soon(), "ends_at": soon(days=3, hours=1), "capacity": 5, "sequence": 1}
    put = at_once([partial(ask, schedulers.put_session, system=there, external_id="c1", **word)] * 12)
    assert Counter(answer["outcome"] for answer in put) == {"created": 1, "unchanged": 11}
    at = {"system": there, "external_id": "b1", "session_external_id": "c1", "contact_id": ada, "sequence": 1}
    put = at_once([partial(ask, schedulers.put_booking, **at)] * 12)
    assert Counter(answer["outcome"] for answer in put) == {"created": 1, "unchanged": 11}
    assert ask(bookings.list_bookings, contact_id=ada)["items"][0]["state"] == "upcoming"

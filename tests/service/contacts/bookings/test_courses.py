"""Courses: bought with so many sessions, which only course sessions use, and how far somebody is with them."""

from __future__ import annotations

import datetime as dt

import pytest

from chassis.ids import new_id
from contracts.billing.orders import package_paid, package_reversed
from contracts.contacts import bookings, credits, history, sessions
from contracts.errors import Invalid
from tests.builders.sessions import a_guest, a_session

TODAY = dt.datetime.now(dt.UTC).date()


@pytest.fixture
def bought(billing_says, ask, eventually):
    """`bought(ada, package_id, number=3)`: a course, or with `kind` something else, is paid for; its id."""
    positions = iter(range(1, 1000))

    def buy(contact_id, package_id=None, *, number=3, kind="course"):
        id = new_id()
        billing_says(package_paid, contact_id, next(positions), assignment_id=id, package_id=package_id,
                     name="Backbend basics", kind=kind, since=TODAY, credits=number)  # fmt: skip
        eventually(lambda: [one for one in packs(ask, contact_id) + courses(ask, contact_id) if one["id"] == id], bool)
        return id

    buy.reverse = lambda contact_id, id: billing_says(
        package_reversed, contact_id, next(positions), assignment_id=id, name="Backbend basics", kind="course",
        reason="refunded",
    )  # fmt: skip
    return buy


def packs(ask, contact_id):
    return ask(credits.list_credits, contact_id=contact_id)["items"]


def courses(ask, contact_id):
    return ask(history.list_courses, contact_id=contact_id)["items"]


def progress(ask, contact_id, course):
    (one,) = [one for one in courses(ask, contact_id) if one["id"] == course]
    return {name: one[name] for name in ("sessions", "attended", "upcoming", "missed", "left")}


def book(ask, contact, **session):
    session_id = a_session(ask, **{"kind": "course_session", **session})["id"]
    return ask(bookings.book, session_id=session_id, contact_id=contact, even_if_started=True)


@pytest.mark.requirement("B10")
def test_how_far_somebody_is_with_a_course(ask, bought):
    ada, package = a_guest(ask), new_id()
    course = bought(ada, package, number=4)
    whens = ({"hours": 1}, {"minutes": -30}, {"days": 2}, {"hours": 3})
    came, missed, _, dropped = (book(ask, ada, course_id=package, starts=when) for when in whens)
    assert progress(ask, ada, course) == {"sessions": 4, "attended": 0, "upcoming": 4, "missed": 0, "left": 0}
    assert book(ask, ada, course_id=package)["credit_pack_id"] is None, "four were bought"
    ask(bookings.check_in, booking_id=came["id"])
    ask(bookings.mark_missed, booking_id=missed["id"])
    ask(bookings.cancel_booking, booking_id=dropped["id"])  # less than twelve hours before: it is spent
    assert progress(ask, ada, course) == {"sessions": 4, "attended": 1, "upcoming": 1, "missed": 2, "left": 0}


@pytest.mark.requirement("B10", "C33")
def test_a_course_is_for_its_own_sessions_and_goes_before_a_pack(ask, bought):
    ada, package = a_guest(ask), new_id()
    pack, course = bought(ada, kind="credit_pack"), bought(ada, package)
    used = [
        book(ask, ada, kind="class")["credit_pack_id"],
        book(ask, ada, course_id=package)["credit_pack_id"],
        book(ask, ada)["credit_pack_id"],  # a course session of no course in particular
        book(ask, ada, course_id=new_id())["credit_pack_id"],
    ]
    assert used == [pack, course, course, pack]
    assert [one["id"] for one in packs(ask, ada)] == [pack]


def test_a_booking_that_moves_to_another_course_gives_its_session_back(ask, bought):
    ada, package = a_guest(ask), new_id()
    course = bought(ada, package)
    booked = book(ask, ada, course_id=package)
    other = a_session(ask, kind="course_session", course_id=new_id())
    moved = ask(bookings.reschedule_booking, booking_id=booked["id"], session_id=other["id"])
    assert (moved["credit_pack_id"], progress(ask, ada, course)["left"]) == (None, 3)


def test_a_course_that_is_refunded_has_no_sessions_left(ask, bought, eventually):
    ada, package = a_guest(ask), new_id()
    course = bought(ada, package)
    bought.reverse(ada, course)
    eventually(lambda: progress(ask, ada, course)["left"], lambda left: left == 0)
    assert book(ask, ada, course_id=package)["credit_pack_id"] is None


def test_only_a_course_session_belongs_to_a_course(ask):
    for asking in (
        lambda: a_session(ask, course_id=new_id()),
        lambda: ask(sessions.change_session, session_id=a_session(ask)["id"], course_id=new_id()),
    ):
        with pytest.raises(Invalid) as refused:
            asking()
        assert [error["pointer"] for error in refused.value.errors] == ["/course_id"]
    session = a_session(ask, kind="course_session", course_id=new_id())
    assert ask(sessions.change_session, session_id=session["id"], course_id=None)["course_id"] is None

"""Planning sessions, changing them with their bookings, and calling them off."""

from __future__ import annotations

import datetime as dt

import pytest

from chassis.ids import new_id
from contracts.contacts import bookings, sessions, team
from contracts.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from tests.builders.sessions import a_guest, a_series, a_session, guests, sessions_of, soon

HOUR = dt.timedelta(hours=1)
NEXT_YEAR = dt.datetime.now(dt.UTC).date().year + 1


@pytest.mark.requirement("C32")
def test_more_places_let_move_up_and_fewer_throw_nobody_out(ask):
    session = a_session(ask, places=1)
    ada, bo, cy = guests(ask, 3)
    made = [ask(bookings.book, session_id=session["id"], contact_id=who)["id"] for who in (ada, bo, cy)]
    changed = ask(sessions.change_session, session_id=session["id"], capacity=2)
    assert (changed["booked"], changed["waiting"]) == (2, 1)
    changed = ask(sessions.change_session, session_id=session["id"], capacity=1)
    assert (changed["booked"], changed["waiting"]) == (2, 1)
    ask(bookings.cancel_booking, booking_id=made[0])
    states = [ask(bookings.get_booking, booking_id=id)["state"] for id in made]
    assert states == ["cancelled", "upcoming", "waitlisted"]


@pytest.mark.requirement("C32")
def test_bookings_move_along_with_their_session(ask, subscriber):
    listener = subscriber("contacts.events", "booking.rescheduled")
    session, ada = a_session(ask), a_guest(ask)
    booking = ask(bookings.book, session_id=session["id"], contact_id=ada)
    changed = ask(sessions.change_session, session_id=session["id"], starts_at=soon(days=9), expected_version=1)
    assert changed["version"] == 2
    told = listener.wait_for("booking.rescheduled", subject=ada).data
    assert (told["before"]["starts_at"], told["next_booking_at"]) == (session["starts_at"], changed["starts_at"])
    assert ask(bookings.get_booking, booking_id=booking["id"])["starts_at"] == changed["starts_at"]
    with pytest.raises(Stale):
        ask(sessions.change_session, session_id=session["id"], title="Other", expected_version=1)


@pytest.mark.requirement("C32")
def test_what_is_still_to_come_is_not_moved_into_the_past(ask):
    session = a_session(ask)
    booking = ask(bookings.book, session_id=session["id"], contact_id=a_guest(ask))
    with pytest.raises(Invalid) as refused:
        ask(sessions.change_session, session_id=session["id"], starts_at=soon(hours=-2))
    assert [error["pointer"] for error in refused.value.errors] == ["/starts_at"]
    assert ask(bookings.get_booking, booking_id=booking["id"])["starts_at"] == session["starts_at"]
    begun = a_session(ask, starts={"minutes": -30})
    earlier = ask(sessions.change_session, session_id=begun["id"], starts_at=soon(hours=-2))
    assert earlier["starts_at"] < begun["starts_at"]


@pytest.mark.requirement("C32")
def test_calling_off_cancels_every_booking_many_of_them_in_steps(ask, subscriber, database, eventually):
    listener = subscriber("contacts.events", "booking.cancelled")
    session, ada = a_session(ask, places=300), a_guest(ask)
    mine = ask(bookings.book, session_id=session["id"], contact_id=ada)["id"]
    crowd(database, session["id"], 250)
    called_off = ask(sessions.cancel_session, session_id=session["id"], reason="The roof leaks")
    assert (called_off["state"], called_off["cancel_reason"]) == ("cancelled", "The roof leaks")
    with pytest.raises(Conflict):
        ask(bookings.book, session_id=session["id"], contact_id=a_guest(ask))
    now = eventually(lambda: ask(sessions.get_session, session_id=session["id"]), lambda s: s["booked"] == 0)
    assert now["waiting"] == 0
    booking = ask(bookings.get_booking, booking_id=mine)
    assert (booking["state"], booking["cancel_cause"]) == ("cancelled", "session_cancelled")
    told = listener.wait_for("booking.cancelled", subject=ada).data
    assert (told["cause"], told["reason"], told["cancellations"]) == ("session_cancelled", "The roof leaks", 0)
    assert ask(sessions.cancel_session, session_id=session["id"])["version"] == now["version"]


def crowd(database, session_id, many):
    """Book so many more, straight into the tables: people whom nobody else meets."""
    with database("contacts").begin() as connection:
        connection.exec_driver_sql(
            """
            WITH people AS (
                INSERT INTO contacts (id, kind, display_name, sort_name, search, entered_as, acquisition, lifecycle,
                                      lifecycle_reason, lifecycle_since, created_at, changed_at, standing, version)
                SELECT gen_random_uuid(), 'person', 'One of a crowd', 'crowd', 'crowd', 'customer', 'manual', 'lead',
                       'entered', now(), now(), now(), 'active', 1
                FROM generate_series(1, %(many)s) RETURNING id
            )
            INSERT INTO bookings (id, session_id, contact_id, state, starts_at, arrival, made_at, changed_at)
            SELECT gen_random_uuid(), s.id, people.id, 'upcoming', s.starts_at, 1 + row_number() OVER (), now(), now()
            FROM people, sessions s WHERE s.id = %(session)s
            """,
            {"many": many, "session": session_id},
        )
        connection.exec_driver_sql(
            "UPDATE sessions SET booked = booked + %(many)s, arrivals = arrivals + %(many)s WHERE id = %(session)s",
            {"many": many, "session": session_id},
        )


@pytest.mark.requirement("C32")
def test_a_series_is_planned_at_once_and_each_session_of_it_is_told_and_can_be_booked(ask, subscriber):
    listener = subscriber("contacts.events", "session.scheduled")
    host = ask(team.get_me)["id"]
    rule = "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=5"
    monday = next(day for n in range(7) if (day := dt.date(NEXT_YEAR, 3, 1 + n)).weekday() == 0)
    series = a_series(ask, actor="staff", rule=rule, starts=f"{monday}T07:30:00", host_id=host, late_cancel_hours=2)
    made = sessions_of(ask, series)
    days = [dt.date.fromisoformat(session["starts_at"][:10]) for session in made]
    assert [(day - monday).days for day in days] == [0, 2, 7, 9, 14]
    asked = ("title", "kind", "capacity", "host_id", "late_cancel_hours")
    assert {tuple(session[name] for name in asked) for session in made} == {tuple(series[name] for name in asked)}
    wanted, told = {session["id"] for session in made}, {}
    while wanted - told.keys():  # others may plan sessions meanwhile
        event = listener.wait_for("session.scheduled", count=len(told) + 1).data
        told[event["session_id"]] = event
    assert {told[id]["series_id"] for id in wanted} == {series["id"]}
    for session in made:
        assert dt.datetime.fromisoformat(session["ends_at"]) - dt.datetime.fromisoformat(session["starts_at"]) == HOUR
    assert ask(bookings.book, session_id=made[-1]["id"], contact_id=a_guest(ask))["state"] == "upcoming"

    with pytest.raises(Forbidden):
        a_series(ask, actor="sales")
    for wrong, pointer in [
        ({"rule": "FREQ=WEEKLY;COUNT=300"}, "/rule"),
        ({"host_id": new_id()}, "/host_id"),
        ({"starts": f"{NEXT_YEAR}-03-01T07:30:00Z"}, "/starts"),
        ({"starts": f"{NEXT_YEAR}-03-01"}, "/starts"),
        ({"duration_minutes": 0}, "/duration_minutes"),
    ]:
        with pytest.raises(Invalid) as refused:
            a_series(ask, **wrong)
        assert [error["pointer"] for error in refused.value.errors] == [pointer]


@pytest.mark.requirement("C32")
def test_a_series_that_would_leave_the_calendar_stays_where_it_is(ask):
    series = a_series(ask)
    first, *_ = before = sessions_of(ask, series)
    with pytest.raises(Invalid) as refused:
        ask(
            sessions.change_session, session_id=first["id"], scope="all", starts_at="2199-12-20T07:30:00Z",
            ends_at="2199-12-20T08:30:00Z",
        )  # fmt: skip
    assert [error["pointer"] for error in refused.value.errors] == ["/starts_at"]
    assert sessions_of(ask, series) == before


@pytest.mark.requirement("C32")
def test_one_this_and_following_or_all_of_a_series_change(ask):
    series = a_series(ask)
    first, *_, last = made = sessions_of(ask, series)
    assert len(made) == series["sessions"] == 6
    ask(sessions.change_session, session_id=made[1]["id"], title="Late yoga")
    changed = ask(sessions.change_session, session_id=made[3]["id"], scope="following", capacity=9,
                  starts_at=f"{made[3]['starts_at'][:10]}T09:15:00Z")  # fmt: skip
    assert changed["sessions_changed"] == 3
    now = sessions_of(ask, series)
    assert [s["starts_at"][11:16] for s in now] == ["07:30"] * 3 + ["09:15"] * 3
    assert [s["capacity"] for s in now] == [5] * 3 + [9] * 3
    assert [s["title"] for s in now] == ["Early yoga", "Late yoga"] + ["Early yoga"] * 4
    assert ask(sessions.change_session, session_id=last["id"], scope="all", title="Yoga")["sessions_changed"] == 6
    assert ask(sessions.cancel_session, session_id=last["id"])["sessions_changed"] == 1
    assert ask(sessions.cancel_session, session_id=first["id"], scope="all")["sessions_changed"] == 5
    assert {s["state"] for s in sessions_of(ask, series)} == {"cancelled"}
    assert ask(sessions.get_series, series_id=series["id"])["title"] == "Early yoga"


@pytest.mark.requirement("C32")
def test_another_end_alone_moves_no_start_of_the_series(ask):
    series = a_series(ask)
    first, second, *_ = sessions_of(ask, series)
    ask(sessions.change_session, session_id=second["id"], starts_at=f"{second['starts_at'][:10]}T09:15:00Z")
    before = sessions_of(ask, series)
    ask(sessions.change_session, session_id=first["id"], scope="all", ends_at=f"{first['starts_at'][:10]}T09:00:00Z")
    now = sessions_of(ask, series)
    assert [one["starts_at"] for one in now] == [one["starts_at"] for one in before]
    assert [one["ends_at"][11:16] for one in now] == ["09:00", "10:45", *["09:00"] * 4]


@pytest.mark.requirement("C32")
def test_sessions_are_listed_by_time_place_and_host(ask, open_a_location):
    host = ask(team.get_me)["id"]
    place = open_a_location()["key"]
    made = [a_session(ask, starts={"days": day}, location=place, host_id=host) for day in (2, 3, 4)]
    page = ask(sessions.list_sessions, location=place, limit=2)
    rest = ask(sessions.list_sessions, location=place, limit=2, cursor=page["next"])
    assert [s["id"] for s in page["items"] + rest["items"]] == [s["id"] for s in made]
    within = ask(sessions.list_sessions, location=place, host_id=host, since=made[1]["starts_at"],
                 until=made[2]["starts_at"])["items"]  # fmt: skip
    assert [s["id"] for s in within] == [made[1]["id"]]
    twice = a_session(ask, starts={"days": 3, "minutes": 30}, host_id=host)
    assert made[1]["id"] in twice["overlaps"]


@pytest.mark.requirement("C32")
@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"ends_at": soon(days=1)}, "/ends_at"),
        ({"ends_at": soon(days=30)}, "/ends_at"),
        ({"capacity": 0}, "/capacity"),
        ({"capacity": 2**63}, "/capacity"),
        ({"host_id": "018f0000-0000-7000-8000-000000000000"}, "/host_id"),
        ({"title": " "}, "/title"),
        ({"starts_at": "1700-01-01T00:00:00Z", "ends_at": "1700-01-01T01:00:00Z"}, "/starts_at"),
    ],
)
def test_a_session_that_makes_no_sense_is_refused(ask, wrong, pointer):
    planned = {"kind": "class", "title": "Yoga", "starts_at": soon(days=3), "ends_at": soon(days=3.05), "capacity": 3}
    with pytest.raises(Invalid) as refused:
        ask(sessions.create_session, **(planned | wrong))
    assert refused.value.errors[0]["pointer"] == pointer


def test_what_is_not_there_is_not_found(ask):
    nowhere = "018f0000-0000-7000-8000-000000000000"
    for rpc in (sessions.get_session, sessions.cancel_session, bookings.list_roster):
        with pytest.raises(NotFound):
            ask(rpc, session_id=nowhere)
    for rpc in (bookings.get_booking, bookings.cancel_booking, bookings.check_in, bookings.rebook):
        with pytest.raises(NotFound):
            ask(rpc, booking_id=nowhere)

"""Changing a series as a whole."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from chassis.ids import new_id
from contracts.contacts import bookings, locations, sessions
from contracts.errors import Forbidden, Invalid, NotFound, Stale
from tests.builders.sessions import a_series, guests, sessions_of


@pytest.mark.requirement("C32")
def test_all_sessions_to_come_follow_their_series_and_bookings_follow_them(ask, subscriber):
    listener = subscriber("contacts.events", "booking.rescheduled")
    series = a_series(ask, capacity=1)
    day, before = series["starts"][:10], sessions_of(ask, series)
    ada, bo = guests(ask, 2)
    booked, waits = (ask(bookings.book, session_id=before[1]["id"], contact_id=who)["id"] for who in (ada, bo))
    ask(sessions.change_session, session_id=before[0]["id"], title="Late yoga")
    ask(sessions.cancel_session, session_id=before[5]["id"])

    anew = {"title": "Yoga", "capacity": 2, "starts": f"{day}T18:15:00", "late_cancel_hours": 3}
    changed = ask(sessions.change_series, series_id=series["id"], expected_version=1, **anew)
    assert (changed["version"], changed.pop("sessions_changed")) == (2, 5)
    assert ask(sessions.get_series, series_id=series["id"]) == changed == series | anew | {"version": 2}

    *now, cancelled = sessions_of(ask, series)
    assert (cancelled["title"], cancelled["starts_at"]) == ("Early yoga", before[5]["starts_at"])
    assert {(one["title"], one["capacity"], one["late_cancel_hours"]) for one in now} == {("Yoga", 2, 3)}
    assert [one["starts_at"] for one in now] == [f"{one['starts_at'][:10]}T18:15:00Z" for one in before[:5]]
    assert [one["ends_at"] for one in now] == [f"{one['starts_at'][:10]}T19:15:00Z" for one in before[:5]]
    assert {ask(bookings.get_booking, booking_id=id)["state"] for id in (booked, waits)} == {"upcoming"}
    told = listener.wait_for("booking.rescheduled", subject=ada).data
    assert (told["before"]["starts_at"], told["starts_at"]) == (before[1]["starts_at"], now[1]["starts_at"])


@pytest.mark.requirement("C32")
def test_what_has_begun_stays_as_it_was_and_what_is_so_already_is_no_change(ask, subscriber):
    listener = subscriber("contacts.events", "session_series.*")
    yesterday = dt.datetime.now(dt.UTC).replace(microsecond=0, tzinfo=None) - dt.timedelta(days=1)
    series = a_series(ask, starts=yesterday.isoformat(), rule="FREQ=DAILY;COUNT=4")
    last = sessions_of(ask, series)[-1]
    ask(sessions.change_session, session_id=last["id"], capacity=9)
    again = ask(sessions.change_series, series_id=series["id"], capacity=5, title="Early yoga")
    assert (again["version"], again["sessions_changed"]) == (1, 1)
    assert ask(sessions.get_session, session_id=last["id"])["capacity"] == 5
    longer = ask(sessions.change_series, series_id=series["id"], duration_minutes=90)
    lasting = [dt.datetime.fromisoformat(one["ends_at"]) - dt.datetime.fromisoformat(one["starts_at"])
               for one in sessions_of(ask, series)]  # fmt: skip
    assert [int(one.total_seconds()) // 60 for one in lasting] == [60, 60, 90, 90]
    assert longer["sessions_changed"] == 2
    said = {"series_id": series["id"], "title": "Early yoga", "kind": "class"}
    listener.wait_for("session_series.changed")
    told = [one for one in listener.heard if one.data["series_id"] == series["id"]]
    assert [(one.type, one.data) for one in told] == [
        ("session_series.planned", said | {"version": 1}),
        ("session_series.changed", said | {"version": 2, "changes": {"duration_minutes": {"before": 60, "after": 90}}}),
    ]


@pytest.mark.requirement("C32")
def test_what_is_to_come_today_is_not_moved_to_this_morning(ask, open_a_location):
    now = dt.datetime.now(dt.UTC)
    noon_now = f"Etc/GMT{now.hour - 12:+d}"
    place = open_a_location(time_zone=noon_now)["key"]
    today = now.astimezone(ZoneInfo(noon_now)).date()
    series = a_series(ask, location=place, starts=f"{today}T15:00:00", rule="FREQ=DAILY;COUNT=3")
    before = sessions_of(ask, series)
    with pytest.raises(Invalid) as refused:
        ask(sessions.change_series, series_id=series["id"], starts=f"{today}T11:00:00")
    assert [error["pointer"] for error in refused.value.errors] == ["/starts"]
    assert (ask(sessions.get_series, series_id=series["id"]), sessions_of(ask, series)) == (series, before)
    assert ask(sessions.change_series, series_id=series["id"], starts=f"{today}T16:00:00")["sessions_changed"] == 3


@pytest.mark.requirement("C32")
def test_a_series_keeps_to_the_clocks_that_it_was_planned_by(ask, open_a_location):
    here, moved_here = (open_a_location(time_zone="Europe/Berlin") for _ in range(2))
    series = a_series(ask, location=here["key"])
    day, before = series["starts"][:10], sessions_of(ask, series)
    ask(sessions.change_session, session_id=before[2]["id"], starts_at=f"{before[2]['starts_at'][:10]}T15:00:00Z")
    before = sessions_of(ask, series)
    ask(locations.change_location, location_id=here["id"], time_zone="Atlantic/Azores")

    longer = ask(sessions.change_series, series_id=series["id"], duration_minutes=61)
    now = sessions_of(ask, series)
    assert (longer["sessions_changed"], longer["time_zone"]) == (6, "Europe/Berlin")
    assert [one["starts_at"] for one in now] == [one["starts_at"] for one in before]
    lasting = {dt.datetime.fromisoformat(one["ends_at"]) - dt.datetime.fromisoformat(one["starts_at"]) for one in now}
    assert lasting == {dt.timedelta(minutes=61)}

    ask(sessions.change_series, series_id=series["id"], starts=f"{day}T18:00:00", location=moved_here["key"])
    begins = [dt.datetime.fromisoformat(one["starts_at"]) for one in sessions_of(ask, series)]
    assert {str(begin.astimezone(ZoneInfo("Europe/Berlin")).time()) for begin in begins} == {"18:00:00"}
    with pytest.raises(Invalid):
        ask(sessions.change_series, series_id=series["id"], location=here["key"])


@pytest.mark.requirement("C32", "G06")
def test_a_change_of_a_series_that_makes_no_sense_changes_nothing(ask, open_a_location):
    place = open_a_location(time_zone="Pacific/Auckland")["key"]
    series = a_series(ask)
    day = dt.date.fromisoformat(series["starts"][:10])
    for wrong, pointer in [
        ({"starts": f"{day + dt.timedelta(days=1)}T07:30:00"}, "/starts"),
        ({"starts": str(day)}, "/starts"),
        ({"location": place}, "/location"),
        ({"host_id": new_id()}, "/host_id"),
        ({"course_id": new_id()}, "/course_id"),
        ({"title": None}, "/title"),
        ({"capacity": 0}, "/capacity"),
        ({"rule": "FREQ=DAILY;COUNT=2"}, "/rule"),
    ]:
        with pytest.raises(Invalid) as refused:
            ask(sessions.change_series, series_id=series["id"], **{"title": "Other"} | wrong)
        assert [error["pointer"] for error in refused.value.errors] == [pointer]
    with pytest.raises(Stale):
        ask(sessions.change_series, series_id=series["id"], title="Other", expected_version=2)
    with pytest.raises(Forbidden):
        ask(sessions.change_series, series_id=series["id"], title="Other", actor="sales")
    with pytest.raises(NotFound):
        ask(sessions.change_series, series_id=new_id(), title="Other")
    assert ask(sessions.get_series, series_id=series["id"]) == series
    assert {one["title"] for one in sessions_of(ask, series)} == {"Early yoga"}


@pytest.mark.requirement("C32", "G06")
def test_a_series_is_changed_by_merge_patch_as_it_was_read(api):
    planned = {"kind": "class", "title": "Yoga", "starts": "2030-01-07T18:00:00", "duration_minutes": 60,
               "rule": "FREQ=WEEKLY;COUNT=2", "capacity": 5}  # fmt: skip
    made = api.post("/session-series", json=planned)
    place = f"/session-series/{made.json()['id']}"
    read = api.get(place)
    assert (made.headers["Location"], read.headers["ETag"]) == (f"/v1{place}", '"1"')
    changed = api.patch(place, json={"title": "Yin"}, headers={"If-Match": read.headers["ETag"]})
    assert (changed.status_code, changed.headers["ETag"], changed.json()["title"]) == (200, '"2"', "Yin")
    assert api.patch(place, json={"title": "Lost"}, headers={"If-Match": read.headers["ETag"]}).status_code == 412
    assert api.get(f"{place}/history?limit=1").status_code == 200

"""Relative days by the calendar: leap years, ends of months, and days that begin when the clock is put forward."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from services.contacts.finding.rules import days
from services.contacts.finding.rules.days import Days

_D = dt.date.fromisoformat


@pytest.mark.requirement("C24", "C26")
@pytest.mark.parametrize(
    ("found", "first", "after"),
    [
        (days.in_last(_D("2026-11-22"), 1, "day"), "2026-11-22", "2026-11-23"),
        (days.in_last(_D("2026-11-22"), 45, "day"), "2026-10-09", "2026-11-23"),
        (days.older_than(_D("2026-11-22"), 45, "day"), None, "2026-10-09"),
        (days.in_last(_D("2026-03-31"), 1, "month"), "2026-03-01", "2026-04-01"),
        (days.in_next(_D("2026-11-22"), 1, "week"), "2026-11-22", "2026-11-29"),
        (days.this_week(_D("2026-11-22")), "2026-11-16", "2026-11-23"),
        (days.this_month(_D("2028-02-10")), "2028-02-01", "2028-03-01"),
        (days.last_month(_D("2026-01-31")), "2025-12-01", "2026-01-01"),
        (days.in_last(_D("0001-01-03"), 100, "year"), "0001-01-02", "0001-01-04"),
    ],
)
def test_a_stretch_of_days(found, first, after):
    assert found == Days(first and _D(first), after and _D(after))


@pytest.mark.requirement("C24")
@pytest.mark.parametrize(
    ("born", "today", "age"),
    [
        ("1990-11-22", "2026-11-21", 35),
        ("1990-11-22", "2026-11-22", 36),
        ("2000-02-29", "2018-02-27", 17),
        ("2000-02-29", "2018-02-28", 18),  # no 29th that year
        ("2000-02-29", "2020-02-28", 19),
        ("2000-02-29", "2020-02-29", 20),
        ("2000-03-01", "2018-02-28", 17),
        ("2000-02-28", "2018-02-28", 18),
    ],
)
def test_everybody_grows_older_on_their_birthday(born, today, age):
    first, after = days.born_when_aged(_D(today), age, age)
    assert first is not None
    assert after is not None
    assert first <= _D(born) < after


@pytest.mark.requirement("C24")
@pytest.mark.parametrize(
    ("window", "ranges"),
    [
        (days.this_day(_D("2026-02-28")), [(228, 229)]),
        (days.this_day(_D("2028-02-28")), [(228, 228)]),
        (days.this_day(_D("2028-02-29")), [(229, 229)]),
        (days.in_next(_D("2026-12-30"), 7, "day"), [(1230, 1231), (101, 105)]),
        (days.this_month(_D("2026-02-10")), [(201, 229)]),
        (days.in_next(_D("2026-05-01"), 3, "year"), [(101, 1231)]),
    ],
)
def test_the_birthdays_of_a_window(window, ranges):
    assert days.birthdays_in(window) == ranges


@pytest.mark.requirement("C26")
@pytest.mark.parametrize(
    ("day", "zone", "moment"),
    [
        ("2026-11-22", "UTC", "2026-11-22T00:00:00+00:00"),
        ("2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00+00:00"),
        ("2026-03-30", "Europe/Berlin", "2026-03-29T22:00:00+00:00"),
        ("2026-09-06", "America/Santiago", "2026-09-06T04:00:00+00:00"),  # midnight is left out there that day
        ("2026-11-22", "Pacific/Auckland", "2026-11-21T11:00:00+00:00"),
    ],
)
def test_a_day_begins_with_its_first_moment(day, zone, moment):
    assert days.start_of(_D(day), ZoneInfo(zone)) == dt.datetime.fromisoformat(moment)

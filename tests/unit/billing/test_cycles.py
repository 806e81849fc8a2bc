"""Cycles over months of 28 to 31 days, leap days and pauses; what is left of one; when a charge is tried again."""

from __future__ import annotations

import datetime as dt

import pytest
from dateutil.rrule import DAILY, rrule
from hypothesis import given, strategies as st

from services.billing.subscriptions.rules import RETRY_DAYS, Cycle, is_cheaper, next_try, shifted, worth_left

pytestmark = pytest.mark.requirement("B05")
DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2060, 12, 31))
CYCLES = st.builds(Cycle, st.sampled_from(["day", "week", "month", "year"]), st.integers(1, 13))
A_DAY = dt.timedelta(days=1)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("anchor", "cycle", "starts"),
    [
        ("2026-01-31", ("month", 1), "2026-01-31 2026-02-28 2026-03-31 2026-04-30 2026-05-31"),  # the anchor is kept
        ("2028-01-30", ("month", 1), "2028-01-30 2028-02-29 2028-03-30"),  # a leap year
        ("2026-10-31", ("month", 3), "2026-10-31 2027-01-31 2027-04-30 2027-07-31"),
        ("2028-02-29", ("year", 1), "2028-02-29 2029-02-28 2030-02-28 2031-02-28 2032-02-29"),  # the leap day again
        ("2026-12-28", ("week", 2), "2026-12-28 2027-01-11 2027-01-25"),
        ("2026-02-27", ("day", 1), "2026-02-27 2026-02-28 2026-03-01"),
        ("2026-03-28", ("day", 1), "2026-03-28 2026-03-29 2026-03-30"),  # clocks change; days have no hours
        ("9999-12-01", ("month", 1), "9999-12-01 None"),  # the calendar ends
    ],
)
def test_a_cycle_begins_on_the_day_of_its_anchor(anchor, cycle, starts):
    found = [str(Cycle(*cycle).start(day(anchor), n)) for n in range(len(starts.split()))]
    assert " ".join(found) == starts


@given(anchor=DAYS, cycle=CYCLES, number=st.integers(0, 60))
def test_cycles_follow_each_other_without_a_gap(anchor, cycle, number):
    last, following = cycle.last_day(anchor, number), cycle.start(anchor, number + 1)
    assert following == last + A_DAY
    assert cycle.start(anchor, number) <= last


@given(anchor=DAYS, cycle=CYCLES, later=st.integers(0, 4000))
def test_every_day_belongs_to_the_cycle_that_holds_it(anchor, cycle, later):
    on = anchor + dt.timedelta(days=later)
    number = cycle.number_on(anchor, on)
    assert cycle.start(anchor, number) <= on <= cycle.last_day(anchor, number)


PAID = st.lists(st.tuples(st.integers(1, 400), st.integers(0, 10**12)), min_size=1, max_size=5)


@given(paid=PAID)
def test_a_day_less_is_never_worth_more_and_what_is_whole_is_worth_what_was_paid(paid):
    days = sum(length for length, _ in paid)
    worth = [worth_left(paid, left) for left in sorted({1, days // 3 or 1, days // 2 or 1, days})]
    assert worth == sorted(worth)
    assert worth[-1] == sum(money for _, money in paid)
    assert worth_left(paid, days + 1) is None  # nobody knows who paid for that day


@pytest.mark.parametrize(
    ("days", "worth"),
    [
        (31, 2800),  # nothing is used yet
        (17, 1535),  # 17 of 31 days are 1535.48
        (1, 90),
        (31 + 14, 2800 + 1400),  # the older one is used up first
        (31 + 28, 2800 + 2800),
        (31 + 28 + 5, 2800 + 2800),  # waived, or given back
    ],
)
def test_what_is_left_is_reckoned_by_what_was_paid_for_its_own_days(days, worth):
    assert worth_left([(31, 2800), (28, 2800), (30, 0)], days) == worth


@given(paused=DAYS, left=st.integers(0, 400), away=st.integers(0, 900))
def test_a_pause_keeps_the_days_that_are_paid_for(paused, left, away):
    until, resumed = paused + dt.timedelta(days=left), paused + dt.timedelta(days=away)
    after = shifted(until, paused_on=paused, resumed_on=resumed)
    assert (after - resumed).days == (until - paused).days
    assert len(list(rrule(DAILY, dtstart=resumed, until=after))) == left + 1


def test_a_pause_over_a_leap_day_counts_it():
    after = shifted(day("2028-03-10"), paused_on=day("2028-02-20"), resumed_on=day("2028-03-05"))
    assert after == day("2028-03-24")
    assert shifted(None, paused_on=day("2028-02-20"), resumed_on=day("2028-03-05")) is None
    assert shifted(dt.date.max, paused_on=day("2028-02-20"), resumed_on=day("2028-03-05")) is None


def test_a_charge_that_failed_is_tried_again_after_one_three_and_seven_days():
    due = day("2028-02-28")
    tries = [next_try(due, failures, today=due) for failures in range(1, 6)]
    assert tries == [day("2028-02-29"), day("2028-03-02"), day("2028-03-06"), None, None]
    assert len(RETRY_DAYS) == 3


def test_after_an_outage_a_charge_is_not_tried_twice_in_a_day():
    assert next_try(day("2028-02-28"), 1, today=day("2028-03-20")) == day("2028-03-21")
    assert next_try(dt.date.max, 1, today=dt.date.max) is None


@pytest.mark.parametrize(
    ("price", "cycle", "cheaper"),
    [
        (4900, ("month", 1), False),
        (4899, ("month", 1), True),
        (12 * 4900, ("year", 1), False),
        (12 * 4900 - 1, ("year", 1), True),
        (4900, ("week", 1), False),
        (0, ("day", 1), True),
        (4900, ("month", 2), True),
    ],
)
def test_terms_of_different_cycles_are_compared_by_what_they_come_to_in_the_long_run(price, cycle, cheaper):
    assert is_cheaper(price, Cycle(*cycle), than=(4900, Cycle("month", 1))) is cheaper

"""The days of a series, and what a shift of one session means for the others."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr

from contracts.errors import Invalid
from services.contacts.schedulers.rules import NEWER, OLDER, SAME, age_of
from services.contacts.sessions.recurrence import read_rule
from services.contacts.sessions.rules import HORIZON, occurrences, shift_between

WARSAW = ZoneInfo("Europe/Warsaw")
UTC = dt.UTC
local = dt.datetime.fromisoformat


@pytest.mark.requirement("C32")
def test_a_class_stays_at_half_past_seven_when_the_clocks_change():
    starts = occurrences("FREQ=WEEKLY;COUNT=3", local("2026-03-22T07:30"), WARSAW)
    assert [start.hour for start in starts] == [6, 5, 5]
    assert {start.astimezone(WARSAW).strftime("%a %H:%M") for start in starts} == {"Sun 07:30"}
    autumn = occurrences("RRULE:FREQ=DAILY;UNTIL=20261026", local("2026-10-24T09:00"), WARSAW)
    assert [start.isoformat()[:13] for start in autumn] == ["2026-10-24T07", "2026-10-25T08", "2026-10-26T08"]


def test_a_time_that_the_clocks_skip_is_an_hour_later():
    [start] = occurrences("FREQ=DAILY;COUNT=1", local("2026-03-29T02:30"), WARSAW)
    assert start.astimezone(WARSAW).strftime("%H:%M") == "03:30"


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=WEEKLY", "FREQ=WEEKLY;COUNT=3;UNTIL=20270101", "FREQ=HOURLY;COUNT=3", "FREQ=DAILY;INTERVAL=0;COUNT=2",
        "FREQ=DAILY;COUNT=401", "FREQ=DAILY;COUNT=-1", "FREQ=DAILY;BYHOUR=1;COUNT=2", "COUNT=2", "nonsense", "FREQ=;",
        "FREQ=DAILY;COUNT=2\nRDATE:20260101", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=1", "FREQ=DAILY;UNTIL=soon",
        "FREQ=WEEKLY;BYDAY=XX;COUNT=2", "FREQ=YEARLY;BYSETPOS=9;COUNT=1;BYMONTH=99", "FREQ=DAILY;UNTIL=20251231",
        "FREQ=MONTHLY;BYDAY=99MO;COUNT=2", "FREQ=WEEKLY;BYDAY=1MO;COUNT=2", "FREQ=DAILY;COUNT=2;COUNT=3",
        "FREQ=DAILY;BYSETPOS=2;COUNT=1", "FREQ=WEEKLY;BYMONTHDAY=3;COUNT=1", "FREQ=DAILY;BYMONTH=-1;COUNT=1",
        "FREQ=WEEKLY;COUNT=300", "FREQ=MONTHLY;UNTIL=20400101", "FREQ=WEEKLY;WKST=XX;COUNT=1",
        "FREQ=DAILY;UNTIL=20261301",
    ],
)  # fmt: skip
def test_a_rule_without_sense_or_end_is_refused(rule):
    with pytest.raises(Invalid) as refused:
        occurrences(rule, local("2026-01-05T09:00"), WARSAW)
    assert refused.value.errors[0]["pointer"] == "/rule"


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;INTERVAL=3", "FREQ=DAILY;BYMONTH=3,6;BYDAY=MO,WE", "FREQ=DAILY;BYMONTHDAY=1,-1",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU", "FREQ=WEEKLY;BYMONTH=1,12",
        "FREQ=MONTHLY", "FREQ=MONTHLY;INTERVAL=2;BYDAY=1MO,-1FR", "FREQ=MONTHLY;BYDAY=SA,SU;BYSETPOS=-1",
        "FREQ=MONTHLY;BYMONTH=2,11;BYMONTHDAY=-1,13", "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR", "FREQ=YEARLY",
        "FREQ=YEARLY;BYMONTH=5,9;BYDAY=2TU", "FREQ=YEARLY;BYDAY=20MO,-1SU", "FREQ=YEARLY;BYMONTHDAY=15;BYSETPOS=1,-1",
    ],
)  # fmt: skip
def test_the_days_of_a_rule_are_those_that_dateutil_finds(rule):
    """dateutil looks for days that there never are until the year 9999, a processor's half minute."""
    for first in (dt.date(2026, 1, 1) + dt.timedelta(days=n) for n in range(0, 1500, 131)):
        last = first + HORIZON
        theirs = rrulestr(f"{rule};UNTIL={last:%Y%m%d}", dtstart=dt.datetime.combine(first, dt.time()))
        found = read_rule(dict(part.split("=") for part in rule.split(";"))).days(first, last)
        assert list(found) == [moment.date() for moment in theirs]


def test_a_shift_is_by_days_and_clock_and_not_by_hours():
    before, after = dt.datetime(2026, 3, 23, 17, tzinfo=UTC), dt.datetime(2026, 3, 24, 18, tzinfo=UTC)
    shift = shift_between(before, after, dt.timedelta(minutes=45), WARSAW)
    start, end = shift.of(dt.datetime(2026, 3, 30, 16, tzinfo=UTC), WARSAW)
    assert (start.astimezone(WARSAW).isoformat()[:16], end - start) == ("2026-03-31T19:00", dt.timedelta(minutes=45))


class Word:
    def __init__(self, sequence=None, updated_at=None):
        self.sequence = self.external_sequence = sequence
        self.updated_at = self.external_updated_at = updated_at


NOON = dt.datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOON + dt.timedelta(seconds=1)


@pytest.mark.parametrize(
    ("known", "told", "age"),
    [
        (Word(3), Word(4), NEWER),
        (Word(3), Word(3), SAME),
        (Word(3), Word(2), OLDER),
        (Word(3, NOON), Word(4, NOON - dt.timedelta(1)), NEWER),  # the sequence goes before the clock
        (Word(None, NOON), Word(None, LATER), NEWER),
        (Word(None, LATER), Word(None, NOON), OLDER),
        (Word(3), Word(None, NOON), NEWER),  # nothing to compare: what comes last counts
        (Word(), Word(), NEWER),
    ],
)
def test_the_newer_word_counts(known, told, age):
    assert age_of(known, told) == age

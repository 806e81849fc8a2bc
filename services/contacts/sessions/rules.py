"""When sessions are: their length, the days of a series, and what a shift of one means for the others."""

from __future__ import annotations

import datetime as dt
import re
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from contracts.contacts.sessions import MOST_IN_SERIES
from contracts.errors import Invalid
from services.contacts.sessions.recurrence import read_rule

LONGEST = dt.timedelta(days=7)
HORIZON = dt.timedelta(days=5 * 366)
_YEARS = range(1990, 2200)
_PARTS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS", "WKST"}
_FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}


def refuse_odd_times(starts_at: dt.datetime, ends_at: dt.datetime) -> None:
    """A session ends after it starts, within a week, in a year that somebody may live to see."""
    if ends_at <= starts_at:
        raise Invalid.field("/ends_at", "A session ends after it starts.")
    if ends_at - starts_at > LONGEST:
        raise Invalid.field("/ends_at", "A session lasts a week at most.")
    if starts_at.year not in _YEARS:
        raise Invalid.field("/starts_at", f"A year from {_YEARS[0]} to {_YEARS[-1]}.")


def refuse_course(course_id: str | None, kind: str) -> None:
    """Of the kinds of sessions, course sessions alone belong to a course."""
    if course_id is not None and kind != "course_session":
        raise Invalid.field("/course_id", "Only a course session belongs to a course.")


def occurrences(rule: str, starts: dt.datetime, zone: ZoneInfo) -> list[dt.datetime]:
    """The starts of a series: the rule's days at the local time of `starts`, whatever the clocks do in between.

    A time that the clocks skip is taken as if they had not been put forward yet (RFC 5545, 3.3.5).
    """
    if starts.year not in _YEARS:
        raise Invalid.field("/starts", f"A year from {_YEARS[0]} to {_YEARS[-1]}.")
    parts = _parts_of(rule)
    horizon = starts + HORIZON
    end = _until(parts["UNTIL"]) if "UNTIL" in parts else None
    last = min(end, horizon) if end else horizon
    try:
        days = read_rule(parts).days(starts.date(), last.date())
    except ValueError as problem:
        raise Invalid.field("/rule", str(problem)) from None
    wanted = int(parts.get("COUNT", MOST_IN_SERIES + 1))
    meant = (dt.datetime.combine(day, starts.time()) for day in days)
    found = list(islice((moment for moment in meant if moment <= last), min(wanted, MOST_IN_SERIES + 1)))
    if not found:
        raise Invalid.field("/rule", "By this rule there is no session within five years.")
    if len(found) > MOST_IN_SERIES:
        raise Invalid.field("/rule", f"A series has {MOST_IN_SERIES} sessions at most; end it sooner.")
    if len(found) < wanted if end is None else end > horizon:
        raise Invalid.field("/rule", "By this rule the series does not end within five years; end it sooner.")
    return [moment.replace(tzinfo=zone).astimezone(dt.UTC) for moment in found]


def _parts_of(rule: str) -> dict[str, str]:
    """The parts of a rule, each once, with one that ends it."""
    named = [_part(part) for part in rule.upper().removeprefix("RRULE:").split(";") if part]
    parts = dict(named)
    if unknown := parts.keys() - _PARTS:
        raise Invalid.field("/rule", f"{', '.join(sorted(unknown))}: not in a rule for sessions.")
    if len(parts) < len(named):
        raise Invalid.field("/rule", "A part of the rule stands there twice.")
    if parts.get("FREQ") not in _FREQUENCIES:
        raise Invalid.field("/rule", "FREQ is DAILY, WEEKLY, MONTHLY or YEARLY.")
    if ("COUNT" in parts) == ("UNTIL" in parts):
        raise Invalid.field("/rule", "A series ends by COUNT or by UNTIL.")
    if not all(re.fullmatch("[1-9][0-9]{0,3}", parts.get(name, "1")) for name in ("COUNT", "INTERVAL")):
        raise Invalid.field("/rule", "COUNT and INTERVAL are whole numbers from 1 to 9999.")
    return parts


def _part(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return name.strip(), value.strip()


def _until(text: str) -> dt.datetime:
    """The last local day or moment; the Z of UTC is dropped, since the days are counted where the session is."""
    found = re.fullmatch(r"([0-9]{8})(?:T([0-9]{6})Z?)?", text)
    try:
        return dt.datetime.fromisoformat(f"{found[1]}T{found[2] or '235959'}" if found else "")
    except ValueError:
        raise Invalid.field("/rule", "UNTIL is a day such as 20261231.") from None


def refuse_the_past(before: dt.datetime, after: dt.datetime, now: dt.datetime, *, at: str) -> None:
    """What is still to come is not moved to before now: those who have booked it could not have come."""
    if after < now < before:
        raise Invalid.field(at, "What is still to come cannot be moved into the past.")


class Shift(NamedTuple):
    """What a new time of one session means for the others of its series: so many days later, at this time of day."""

    days: int
    time: dt.time | None
    """None: no start moves."""
    lasting: dt.timedelta
    zone: ZoneInfo | None = None
    """Whose clocks show the time; None: those of the place of each."""
    named: str = "/starts_at"
    """Where in the request the new start stands."""

    def of(self, starts_at: dt.datetime, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
        """The new start and end of a session that started then, at a place of that zone."""
        if self.time is None:
            return starts_at, starts_at + self.lasting
        zone = self.zone or zone
        day = starts_at.astimezone(zone).date() + dt.timedelta(days=self.days)
        start = dt.datetime.combine(day, self.time, zone).astimezone(dt.UTC)
        return start, start + self.lasting


def shift_between(before: dt.datetime, after: dt.datetime, lasting: dt.timedelta, zone: ZoneInfo) -> Shift:
    """The shift that took a session from one start to another, as it looks on the clocks of its place."""
    old, new = before.astimezone(zone), after.astimezone(zone)
    return Shift((new.date() - old.date()).days, new.time(), lasting)

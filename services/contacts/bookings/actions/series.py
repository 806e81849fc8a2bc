"""Changing a series as a whole: its sessions that have not started follow, and their bookings with them."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from chassis.rows import set_on
from contracts.contacts import sessions as published
from contracts.errors import Invalid, NotFound
from services.contacts.bookings.actions.desk import Desk
from services.contacts.bookings.actions.sessions import set_and_follow, still_to_come, terms_asked
from services.contacts.sessions.actions import tell_of_series
from services.contacts.sessions.model import SessionSeries
from services.contacts.sessions.queries import zone_at
from services.contacts.sessions.rules import Shift


def change_series(work: Any, request: Any) -> dict[str, Any]:
    """Change a series; what is named is so for every session to come, whatever was changed of one by itself."""
    series = _held(work, request.series_id)
    work.expect(series.version)
    values = terms_asked(work, request, series.kind)
    _refuse_other_days(work, series, request.starts, values.get("location", series.location))
    times = {name: request[name] for name in ("starts", "duration_minutes") if name in request}
    changes = set_on(series, values | times)
    if changes:
        series.version += 1
        tell_of_series(work, published.series_changed, series, changes=changes)
    shift = _shift_to(series, moved="starts" in times) if times else None
    changed = set_and_follow(work, Desk(work, still_to_come(series.id, work.now)), values, shift)
    return {column.name: getattr(series, column.name) for column in sa.inspect(SessionSeries).columns} | {
        "sessions_changed": changed
    }


def _held(work: Any, series_id: str) -> SessionSeries:
    """The series, locked before its sessions are."""
    held = sa.select(SessionSeries).where(SessionSeries.id == series_id).with_for_update()
    series: SessionSeries | None = work.session.scalar(held)
    if series is None:
        raise NotFound("There is no such series.")
    return series


def _shift_to(series: SessionSeries, *, moved: bool) -> Shift:
    """The length of the series for each session, and its time of day if that was named, where it was planned."""
    lasting = dt.timedelta(minutes=series.duration_minutes)
    time = series.starts.time() if moved else None
    return Shift(0, time, lasting, ZoneInfo(series.time_zone), "/starts")


def _refuse_other_days(work: Any, series: SessionSeries, starts: dt.datetime | None, location: str | None) -> None:
    """The days are those of the rule, counted where it was planned: another day or zone is another series."""
    if starts is not None and starts.date() != series.starts.date():
        raise Invalid.field("/starts", f"The series starts on {series.starts.date()}; plan another for other days.")
    if location != series.location and zone_at(work, location).key != series.time_zone:
        raise Invalid.field("/location", "There the clocks say otherwise; plan another series there.")

"""Planning sessions, one by one and in series, and holding them while their places change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from chassis.ids import new_id
from chassis.rows import insert_rows
from contracts.contacts import sessions as published
from services.contacts.sessions.model import SCHEDULED, PlannedSession, SessionSeries
from services.contacts.sessions.queries import overlaps_of, place_named, refuse_stranger, zone_at
from services.contacts.sessions.rules import occurrences, refuse_course, refuse_odd_times

_TOLD = (
    "series_id", "title", "kind", "starts_at", "ends_at", "location", "host_id", "course_id", "capacity", "version",
)  # fmt: skip


def hold_sessions(work: Any, wanted: Iterable[str] | sa.Select[Any]) -> dict[str, PlannedSession]:
    """Lock sessions until the transaction ends; unknown ids are left out.

    Who takes places holds the sessions first and the contacts after them, each in the order of their ids.
    """
    ids = wanted if isinstance(wanted, sa.Select) else list(wanted)
    held = sa.select(PlannedSession).where(PlannedSession.id.in_(ids)).order_by(PlannedSession.id).with_for_update()
    return {row.id: row for row in work.session.scalars(held.execution_options(populate_existing=True))}


def create_session(work: Any, request: Any) -> dict[str, Any]:
    """Plan one session; somebody who hosts two at once is told so, not refused."""
    refuse_odd_times(request.starts_at, request.ends_at)
    refuse_stranger(work, request.host_id)
    refuse_course(request.course_id, request.kind)
    location = place_named(work, request.location)
    session = new_session(work, **{**request, "location": location})
    work.session.add(session)
    tell(work, published.session_scheduled, session)
    return shown(work, session, overlaps=overlaps_of(work, session))


def new_session(work: Any, **values: Any) -> PlannedSession:
    """A session that nobody has booked yet."""
    values = {"host_id": None, "location": None, "course_id": None, "state": SCHEDULED} | values
    counts = {"booked": 0, "waiting": 0, "arrivals": 0, "version": 1}
    return PlannedSession(id=new_id(), created_at=work.now, created_by=work.actor.id, **counts, **values)


def create_series(work: Any, request: Any) -> SessionSeries:
    """Plan all sessions of a series at once."""
    refuse_stranger(work, request.host_id)
    refuse_course(request.course_id, request.kind)
    location = place_named(work, request.location)
    zone = zone_at(work, location)
    starts = occurrences(request.rule, request.starts, zone)
    series = SessionSeries(
        id=new_id(), time_zone=zone.key, sessions=len(starts), created_at=work.now, created_by=work.actor.id,
        **{**request, "location": location, "host_id": request.host_id, "course_id": request.course_id},
    )  # fmt: skip
    work.session.add(series)
    work.session.flush()
    lasting = dt.timedelta(minutes=series.duration_minutes)
    rows = [_occurrence(series, start, start + lasting) for start in starts]
    insert_rows(work.session, PlannedSession.__table__, rows)  # type: ignore[arg-type]
    tell_of_series(work, published.series_planned, series)
    told = ((None, {"session_id": row["id"]} | {name: row.get(name) for name in _TOLD}) for row in rows)
    work.record_many(published.session_scheduled, told)
    return series


def _occurrence(series: SessionSeries, starts_at: dt.datetime, ends_at: dt.datetime) -> dict[str, Any]:
    return {
        **{name: getattr(series, name) for name in ("kind", "title", "location", "host_id", "course_id", "capacity")},
        "late_cancel_hours": series.late_cancel_hours, "id": new_id(), "series_id": series.id,
        "starts_at": starts_at, "ends_at": ends_at, "state": SCHEDULED, "booked": 0, "waiting": 0, "arrivals": 0,
        "created_at": series.created_at, "created_by": series.created_by, "version": 1,
    }  # fmt: skip


def tell(work: Any, event: Any, session: PlannedSession, **more: Any) -> None:
    """Announce what happened to a session; it is about no contact."""
    work.record(event, None, session_id=session.id, **{name: getattr(session, name) for name in _TOLD}, **more)


def tell_of_series(work: Any, event: Any, series: SessionSeries, **more: Any) -> None:
    """Announce what happened to a series; of its sessions each is told by itself."""
    said = {name: getattr(series, name) for name in ("title", "kind", "version")}
    work.record(event, None, series_id=series.id, **said, **more)


def shown(work: Any, session: PlannedSession, *, overlaps: list[str], changed: int = 1) -> dict[str, Any]:
    """A session as a write answers it."""
    columns = {column.name: getattr(session, column.name) for column in PlannedSession.__table__.columns}
    return columns | {"overlaps": overlaps, "sessions_changed": changed}

"""Which sessions there are, where and when."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from chassis.pages import keys_for, narrowed, page_of
from contracts.errors import Invalid, NotFound
from services.contacts.sessions.model import SCHEDULED, PlannedSession, SessionSeries
from services.contacts.settings.queries import business_zone, open_locations, zone_of_locations
from services.contacts.team.queries import active_members

MOST_OVERLAPS = 10


def get_session(work: Any, request: Any) -> PlannedSession:
    """Answer one session."""
    session = work.session.get(PlannedSession, request.session_id)
    if session is None:
        raise NotFound("There is no such session.")
    return session


def list_sessions(work: Any, request: Any) -> dict[str, Any]:
    """A page of sessions by their start."""
    listed = sa.select(PlannedSession)
    if request.since is not None:
        listed = listed.where(PlannedSession.starts_at >= request.since)
    if request.until is not None:
        listed = listed.where(PlannedSession.starts_at < request.until)
    if request.location is not None:
        # A name that no location has any more may still stand on sessions of before there were any.
        key = open_locations(work).key_of(request.location) or request.location
        listed = listed.where(PlannedSession.location == key)
    of = PlannedSession
    listed = narrowed(listed, request, of.host_id, of.series_id, of.kind, of.state)
    keys = keys_for(request.sort, starts_at=[PlannedSession.starts_at, PlannedSession.id])
    return page_of(work, listed, keys, request)


def get_series(work: Any, request: Any) -> SessionSeries:
    """Answer one series."""
    series = work.session.get(SessionSeries, request.series_id)
    if series is None:
        raise NotFound("There is no such series.")
    return series


def list_series(work: Any, request: Any) -> dict[str, Any]:
    """A page of series, newest first unless told otherwise."""
    listed = narrowed(sa.select(SessionSeries), request, SessionSeries.kind, SessionSeries.host_id)
    return page_of(work, listed, keys_for(request.sort, oldest=[SessionSeries.id]), request)


def zone_at(work: Any, location: str | None) -> ZoneInfo:
    """Where the days of a session at this location begin."""
    zone = zone_of_locations(work).get(location) if location else None
    return zone or business_zone(work)


def day_of(work: Any, session: PlannedSession) -> dt.date:
    """The day on which a session starts, where it takes place."""
    return session.starts_at.astimezone(zone_at(work, session.location)).date()


def place_named(work: Any, location: str | None) -> str | None:
    """The location as it is kept: its key, once there are locations; till then any text."""
    if not location:
        return None
    key = open_locations(work).key_of(location)
    if key is None:
        raise Invalid.field("/location", "There is no such location.")
    return key


def refuse_stranger(work: Any, host_id: str | None) -> None:
    """A host works here now."""
    if host_id is not None and not active_members(work, [host_id]):
        raise Invalid.field("/host_id", "There is no active team member of this id.")


def overlaps_of(work: Any, session: PlannedSession) -> list[str]:
    """Other scheduled sessions of the same host at the same time, the earliest first."""
    if session.host_id is None or session.state != SCHEDULED:
        return []
    other = sa.select(PlannedSession.id).where(
        PlannedSession.host_id == session.host_id,
        PlannedSession.id != session.id,
        PlannedSession.state == SCHEDULED,
        PlannedSession.starts_at < session.ends_at,
        PlannedSession.starts_at > session.starts_at - dt.timedelta(days=7),
        PlannedSession.ends_at > session.starts_at,
    )
    return list(work.session.scalars(other.order_by(PlannedSession.starts_at, PlannedSession.id).limit(MOST_OVERLAPS)))

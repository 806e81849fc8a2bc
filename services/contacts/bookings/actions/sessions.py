"""Changing and calling off sessions together with their bookings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from contracts.contacts import sessions as published
from contracts.errors import Conflict, NotFound
from services.contacts.bookings.actions.desk import Desk
from services.contacts.bookings.model import CANCELLED as GIVEN_UP, UPCOMING, WAITLISTED, Booking
from services.contacts.bookings.rules import SESSION_CANCELLED
from services.contacts.sessions.actions import shown, tell
from services.contacts.sessions.model import CANCELLED, SCHEDULED, PlannedSession
from services.contacts.sessions.queries import overlaps_of, place_named, refuse_stranger, zone_at
from services.contacts.sessions.rules import Shift, refuse_course, refuse_odd_times, refuse_the_past, shift_between

BOOKINGS_AT_ONCE = 200
FOLLOW = "follow_sessions"
_SET = ("title", "host_id", "course_id", "capacity", "late_cancel_hours")


def change_session(work: Any, request: Any) -> dict[str, Any]:
    """Change a session, or more of its series; its bookings move along and who waits moves up."""
    desk = _desk_of(work, request.session_id, request.scope)
    session = desk.sessions[request.session_id]
    work.expect(session.version)
    if session.state != SCHEDULED:
        raise Conflict(f"This session is {session.state}.")
    values = terms_asked(work, request, session.kind)
    changed = set_and_follow(work, desk, values, _shift_asked(work, session, request))
    return shown(work, session, overlaps=overlaps_of(work, session), changed=changed)


def cancel_session(work: Any, request: Any) -> dict[str, Any]:
    """Call a session off, or more of its series."""
    desk = _desk_of(work, request.session_id, request.scope)
    session = desk.sessions[request.session_id]
    work.expect(session.version)
    if session.state not in (SCHEDULED, CANCELLED):
        raise Conflict("This session has taken place.")
    called_off = call_off(work, desk.sessions.values(), request.reason)
    follow(work, desk)
    return shown(work, session, overlaps=[], changed=called_off)


def terms_asked(work: Any, request: Any, kind: str) -> dict[str, Any]:
    """What a request names of the terms that a session and a series have in common, unless it makes no sense."""
    if "host_id" in request:
        refuse_stranger(work, request.host_id)
    refuse_course(request.course_id, kind)
    values = {name: request[name] for name in _SET if name in request}
    if "location" in request:
        values["location"] = place_named(work, request.location)
    return values


def set_and_follow(work: Any, desk: Desk, values: dict[str, Any], shift: Shift | None) -> int:
    """Give all sessions of the desk the values and the shift, and let their bookings follow; how many changed."""
    several = set_sessions(work, desk.sessions.values(), values, shift)
    follow(work, desk, freeing={one.id: one.free for one in several})
    return len(several)


def set_sessions(
    work: Any, sessions: Iterable[PlannedSession], values: dict[str, Any], shift: Shift | None
) -> list[PlannedSession]:
    """Give each session the values and the shift, and tell what is another; answers those that changed."""
    changed = []
    for session in sessions:
        if session.state != SCHEDULED:
            continue
        new = dict(values)
        if shift is not None:
            new["starts_at"], new["ends_at"] = shift.of(session.starts_at, zone_at(work, session.location))
            refuse_odd_times(new["starts_at"], new["ends_at"])
            refuse_the_past(session.starts_at, new["starts_at"], work.now, at=shift.named)
        if set_session(work, session, new):
            changed.append(session)
    return changed


def set_session(work: Any, session: PlannedSession, values: dict[str, Any]) -> bool:
    """Give a session that is held the values, and tell what is another."""
    changes = {
        name: {"before": _plain(getattr(session, name)), "after": _plain(value)}
        for name, value in values.items()
        if getattr(session, name) != value
    }
    if changes:
        for name in changes:
            setattr(session, name, values[name])
        session.version += 1
        tell(work, published.session_changed, session, changes=changes)
    return bool(changes)


def call_off(work: Any, sessions: Iterable[PlannedSession], reason: str | None) -> int:
    """Cancel those of the sessions that are still to be; from now on nobody books them."""
    scheduled = [session for session in sessions if session.state == SCHEDULED]
    for session in scheduled:
        session.state, session.cancel_reason = CANCELLED, reason
        session.version += 1
        tell(work, published.session_cancelled, session, reason=reason)
    return len(scheduled)


def follow(work: Any, desk: Desk, *, freeing: dict[str, int] | None = None) -> None:
    """Let the bookings follow their sessions: the first of them now, the others a moment later in a job."""
    behind = first_behind(work, desk)
    desk.hold([booking.contact_id for booking in behind], freeing=freeing)
    catch_up(desk, behind)
    for session_id in freeing or {}:
        desk.promote(desk.sessions[session_id])
    desk.close()


def first_behind(work: Any, desk: Desk) -> Sequence[Booking]:
    """The bookings to take along now; for the others a job is started."""
    work.session.flush()
    behind = _behind(work, list(desk.sessions))
    if len(behind) > BOOKINGS_AT_ONCE:
        work.start_job(FOLLOW, {"session_ids": list(desk.sessions)})
    return behind[:BOOKINGS_AT_ONCE]


def follow_sessions(work: Any, job: Any) -> None:
    """One step of the job: some more bookings follow their sessions."""
    behind = _behind(work, job.input["session_ids"])[:BOOKINGS_AT_ONCE]
    if not behind:
        job.finish(bookings=job.progress.get("bookings", 0))
        return
    desk = Desk(work, {booking.session_id for booking in behind})
    job.progress["bookings"] = job.progress.get("bookings", 0) + len(behind)
    behind = _behind(work, list(desk.sessions))[:BOOKINGS_AT_ONCE]
    desk.hold([booking.contact_id for booking in behind])
    catch_up(desk, behind)
    desk.close()


def catch_up(desk: Desk, behind: Iterable[Booking]) -> None:
    """Take bookings to the time of their session, or give them up with it; their contacts are held."""
    for booking in behind:
        session = desk.sessions[booking.session_id]
        if session.state == CANCELLED:
            desk.become(booking, GIVEN_UP, cause=SESSION_CANCELLED, reason=session.cancel_reason)
        else:
            before = {"session_id": session.id, "title": session.title, "starts_at": booking.starts_at}
            booking.starts_at = session.starts_at
            desk.rescheduled(booking, before)


def _behind(work: Any, session_ids: list[str]) -> Sequence[Booking]:
    """The first bookings, and one more, that say otherwise than their session."""
    open_ = Booking.state.in_((UPCOMING, WAITLISTED))
    otherwise = sa.or_(PlannedSession.state == CANCELLED, Booking.starts_at != PlannedSession.starts_at)
    found = sa.select(Booking).join(PlannedSession, PlannedSession.id == Booking.session_id)
    found = found.where(Booking.session_id.in_(session_ids), open_, otherwise)
    ordered = found.order_by(Booking.session_id, Booking.arrival).limit(BOOKINGS_AT_ONCE + 1)
    return work.session.scalars(ordered.execution_options(populate_existing=True)).all()


def _desk_of(work: Any, session_id: str, scope: str) -> Desk:
    """The desk of a session and, as far as the scope goes, of those in its series that have not started."""
    session = work.session.get(PlannedSession, session_id)
    if session is None:
        raise NotFound("There is no such session.")
    wanted = sa.select(PlannedSession.id).where(PlannedSession.id == session_id)
    if scope != "this" and session.series_id is not None:
        since = max(work.now, session.starts_at) if scope == "following" else work.now
        wanted = sa.select(sa.union(wanted, still_to_come(session.series_id, since)).subquery())
    return Desk(work, wanted)


def still_to_come(series_id: str, since: dt.datetime) -> sa.Select[Any]:
    """Select those of a series that start then or later."""
    return sa.select(PlannedSession.id).where(PlannedSession.series_id == series_id, PlannedSession.starts_at >= since)


def _shift_asked(work: Any, session: PlannedSession, request: Any) -> Shift | None:
    if request.starts_at is None and request.ends_at is None:
        return None
    starts_at = request.starts_at or session.starts_at
    ends_at = request.ends_at or starts_at + (session.ends_at - session.starts_at)
    refuse_odd_times(starts_at, ends_at)
    if request.starts_at is None:
        return Shift(0, None, ends_at - starts_at)
    return shift_between(session.starts_at, starts_at, ends_at - starts_at, zone_at(work, session.location))


def _plain(value: Any) -> Any:
    return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z") if isinstance(value, dt.datetime) else value

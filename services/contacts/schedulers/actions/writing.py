"""Writing one or many lines of another system in one transaction, a system at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from contracts.contacts.schedulers import LARGEST_BATCH
from contracts.errors import Invalid, Problem
from services.contacts.bookings.actions.booking import answered
from services.contacts.bookings.actions.desk import Desk
from services.contacts.bookings.actions.sessions import catch_up, first_behind
from services.contacts.schedulers.actions.bookings import Writing
from services.contacts.schedulers.actions.sessions import write_session
from services.contacts.schedulers.queries import (
    active_bookings,
    bookings_elsewhere,
    contacts_meant,
    sessions_elsewhere,
)
from services.contacts.settings.queries import open_locations
from services.contacts.team.queries import active_members

Outcome = tuple[str, Any]
"""`created`, `updated`, `unchanged` or `outdated` with the row; `refused` with the problem."""


class Here(NamedTuple):
    """What lines are checked against."""

    places: Any
    hosts: set[str]


def put_session(work: Any, request: Any) -> dict[str, Any]:
    """Enter or change one session."""
    [(outcome, session)], _, _ = _write(work, request.system, [request], [])
    return {"outcome": outcome, "session": _or_raise(session)}


def put_booking(work: Any, request: Any) -> dict[str, Any]:
    """Enter or change one booking."""
    _, [(outcome, booking)], desk = _write(work, request.system, [], [request])
    return {"outcome": outcome, "booking": answered(work, desk, _or_raise(booking))}


def write_batch(work: Any, request: Any) -> dict[str, Any]:
    """Enter or change many; what is refused leaves the rest alone."""
    if len(request.sessions) + len(request.bookings) > LARGEST_BATCH:
        raise Invalid.field("/bookings", f"{LARGEST_BATCH} sessions and bookings at most together.")
    sessions, bookings, _ = _write(work, request.system, request.sessions, request.bookings)
    return {
        "sessions": [_told(line, outcome) for line, outcome in zip(request.sessions, sessions, strict=True)],
        "bookings": [_told(line, outcome) for line, outcome in zip(request.bookings, bookings, strict=True)],
    }


def _write(
    work: Any, system: str, session_lines: Sequence[Any], booking_lines: Sequence[Any]
) -> tuple[list[Outcome], list[Outcome], Desk]:
    """Write all lines at one desk: what each means is looked up for all of them together."""
    # One writer a system: two that enter the same id at once would both find that it is not there yet.
    work.session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"scheduler {system}", 0))))
    meant = contacts_meant(work, system, booking_lines)
    names = [line.external_id for line in booking_lines]
    by_name = sessions_elsewhere(work, system, _session_names(session_lines, booking_lines))
    given = {line.session_id for line in booking_lines if line.session_id}
    left = {booking.session_id for booking in bookings_elsewhere(work, system, names).values()}
    desk = Desk(work, {*by_name.values(), *given, *left})
    sessions = _write_sessions(work, system, session_lines, by_name, desk)
    behind = first_behind(work, desk) if session_lines else []
    known = bookings_elsewhere(work, system, names)  # as they are now that their sessions are held
    contact_ids = {contact for contact in meant if isinstance(contact, str)}
    frees = Counter(booking.session_id for booking in known.values() if booking.session_id in desk.sessions)
    held = {*contact_ids, *(booking.contact_id for booking in (*known.values(), *behind))}
    desk.hold(held, freeing=dict.fromkeys(desk.sessions, 0) | frees)
    catch_up(desk, behind)
    places = [line.session_id or by_name.get(line.session_external_id) for line in booking_lines]
    twins = active_bookings(work, [place for place in places if place], list(contact_ids))
    write = Writing(work, desk, system, known, twins).write
    bookings = [_attempt(write, *one) for one in zip(booking_lines, places, meant, strict=True)]
    for session in desk.sessions.values():
        desk.promote(session)
    desk.close()
    return sessions, bookings, desk


def _session_names(session_lines: Sequence[Any], booking_lines: Sequence[Any]) -> list[str]:
    named = {line.external_id for line in session_lines} | {line.session_external_id for line in booking_lines}
    return [name for name in named if name]


def _write_sessions(work: Any, system: str, lines: Sequence[Any], by_name: dict[str, str], desk: Desk) -> list[Outcome]:
    """Write the sessions, and let the desk and the names know those that are new."""
    if not lines:
        return []
    here = Here(open_locations(work), active_members(work, {line.host_id for line in lines if line.host_id}))
    outcomes = []
    for line in lines:
        known = desk.sessions.get(by_name.get(line.external_id, ""))
        outcome, session = _attempt(write_session, work, system, line, known, here)
        if outcome == "created":
            desk.sessions[session.id] = session
            by_name[line.external_id] = session.id
        outcomes.append((outcome, session))
    return outcomes


def _attempt(write: Any, *arguments: Any) -> Outcome:
    """Write one line, or say what stands against it; whatever is refused is refused before anything is changed."""
    try:
        for argument in arguments:
            if isinstance(argument, Problem):
                raise argument
        return write(*arguments)
    except Problem as problem:
        return "refused", problem


def _or_raise(written: Any) -> Any:
    if isinstance(written, Problem):
        raise written
    return written


def _told(line: Any, outcome: Outcome) -> dict[str, Any]:
    word, written = outcome
    if isinstance(written, Problem):
        return {"external_id": line.external_id, "outcome": word, "id": None, "problem": written.detail}
    return {"external_id": line.external_id, "outcome": word, "id": written.id, "problem": None}

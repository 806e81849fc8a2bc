"""Sessions as another system has them."""

from __future__ import annotations

from typing import Any

from contracts.contacts import sessions as published
from contracts.errors import Invalid
from services.contacts.bookings.actions.sessions import call_off, set_session
from services.contacts.schedulers.rules import NEWER, OLDER, age_of, note_age
from services.contacts.sessions.actions import new_session, tell
from services.contacts.sessions.model import CANCELLED, HELD, SCHEDULED, PlannedSession
from services.contacts.sessions.rules import refuse_odd_times

_COPIED = ("kind", "title", "starts_at", "ends_at", "capacity", "host_id", "late_cancel_hours")


def write_session(work: Any, system: str, line: Any, known: PlannedSession | None, here: Any) -> tuple[str, Any]:
    """Enter or change one session; `here` knows the places and the hosts. Answers the outcome and the session."""
    values = _values(line, here)
    if known is None:
        session = new_session(work, **values, kept_by=system, external_id=line.external_id)
        note_age(session, line)
        work.session.add(session)
        tell(work, published.session_scheduled, session)
        _bring_to(work, session, line)
        return "created", session
    age = age_of(known, line)
    if age != NEWER:
        return ("outdated" if age == OLDER else "unchanged"), known
    changed = set_session(work, known, values) | _bring_to(work, known, line)
    note_age(known, line)
    return ("updated" if changed else "unchanged"), known


def _values(line: Any, here: Any) -> dict[str, Any]:
    refuse_odd_times(line.starts_at, line.ends_at)
    if line.host_id is not None and line.host_id not in here.hosts:
        raise Invalid.field("/host_id", "There is no active team member of this id.")
    location = here.places.key_of(line.location) if line.location else None
    if line.location and location is None:
        raise Invalid.field("/location", "There is no such location.")
    return {name: getattr(line, name) for name in _COPIED} | {"location": location}


def _bring_to(work: Any, session: PlannedSession, line: Any) -> bool:
    """Take the session to the state that is told; one that was called off may be on again."""
    if session.state == line.state:
        return False
    if line.state == CANCELLED and session.state == SCHEDULED:
        call_off(work, [session], line.reason)
        return True
    if line.state == HELD:
        session.state, session.version = HELD, session.version + 1
        tell(work, published.session_held, session)
        return True
    before, session.state = session.state, line.state
    session.cancel_reason = line.reason if line.state == CANCELLED else None
    session.version += 1
    tell(work, published.session_changed, session, changes={"state": {"before": before, "after": line.state}})
    return True

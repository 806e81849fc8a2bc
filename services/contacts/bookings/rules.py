"""What a booking may become, and how it is told."""

from __future__ import annotations

import datetime as dt
from typing import Any

from contracts.contacts import bookings as published
from contracts.errors import Conflict
from services.contacts.bookings.model import (
    ATTENDED,
    CANCELLED,
    LATE_CANCELLED,
    MISSED,
    PLACED,
    UPCOMING,
    WAITLISTED,
    Booking,
)
from services.contacts.sessions.model import SCHEDULED, PlannedSession

CHECK_IN_OPENS = dt.timedelta(hours=12)
"""So long before the start somebody can be checked in."""
CLOSES_AFTER = dt.timedelta(hours=2)
"""So long after its end a session counts as held, and whoever was not checked in has missed it."""

ASKED, SESSION_CANCELLED, NOT_PROMOTED, ARCHIVED = published.CANCEL_CAUSES


def event_of(before: str | None, after: str) -> Any:
    """What is told when a booking goes from one state to another; before the first one there is none."""
    if after in (CANCELLED, LATE_CANCELLED):
        return published.booking_cancelled
    if after == WAITLISTED:
        return published.booking_waitlisted
    if after == ATTENDED:
        return published.booking_attended
    if after == MISSED:
        return published.booking_missed
    if before in (ATTENDED, MISSED):
        return published.booking_attendance_undone
    return published.booking_promoted if before == WAITLISTED else published.booking_made


def told_of(booking: Booking, session: PlannedSession) -> dict[str, Any]:
    """What every event of a booking says of it; the contact's figures come beside it."""
    return {
        "booking_id": booking.id,
        "session_id": session.id,
        "title": session.title,
        "kind": session.kind,
        "starts_at": session.starts_at,
        "location": session.location,
        "state": booking.state,
        "booked_by_contact_id": booking.booked_by_contact_id,
    }


def refuse_closed(session: PlannedSession, now: dt.datetime, *, even_if_started: bool = False) -> None:
    """A session that was called off cannot be booked; one that has started only by who says so."""
    if session.state not in (SCHEDULED, "held"):
        raise Conflict.field("/session_id", "This session was cancelled.")
    if not even_if_started and (session.state != SCHEDULED or session.starts_at <= now):
        raise Conflict.field("/session_id", "This session has started; say even_if_started to book it all the same.")


def state_when_given_up(booking: Booking, session: PlannedSession, now: dt.datetime, *, waive_late: bool) -> str:
    """In time or late; who only waits is never late."""
    if booking.state in (ATTENDED, MISSED):
        raise Conflict(f"This booking is {booking.state} and over.")
    late = booking.state == UPCOMING and session.too_late_to_cancel(now) and not waive_late
    return LATE_CANCELLED if late else CANCELLED


def refuse_check_in(booking: Booking, session: PlannedSession, now: dt.datetime) -> None:
    """Only who has a place comes, and not half a day early."""
    if booking.state not in PLACED:
        raise Conflict(f"This booking is {booking.state.replace('_', ' ')}: there is no place to check in to.")
    if now < session.starts_at - CHECK_IN_OPENS:
        raise Conflict("Checking in opens twelve hours before the start.")

"""Who came, who did not, and closing sessions that are over."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from contracts.contacts import sessions as published
from contracts.errors import Conflict
from services.contacts.bookings.actions.booking import answered, desk_of
from services.contacts.bookings.actions.desk import Desk
from services.contacts.bookings.model import ATTENDED, CANCELLED, MISSED, UPCOMING, WAITLISTED, Booking
from services.contacts.bookings.rules import CLOSES_AFTER, NOT_PROMOTED, refuse_check_in
from services.contacts.sessions.actions import tell
from services.contacts.sessions.model import HELD, SCHEDULED, PlannedSession

SESSIONS_AT_ONCE = 100
BOOKINGS_AT_ONCE = 1000


def check_in(work: Any, request: Any) -> dict[str, Any]:
    """Note that the contact came, once; also somebody who was thought to have missed it."""
    desk, booking = desk_of(work, request.booking_id, frees=0)
    if booking.state != ATTENDED:
        refuse_check_in(booking, desk.sessions[booking.session_id], work.now)
        desk.become(booking, ATTENDED)
        desk.close()
    return answered(work, desk, booking)


def undo_check_in(work: Any, request: Any) -> dict[str, Any]:
    """Take back that they came or did not; of a session that is over, somebody who did not come has missed it."""
    desk, booking = desk_of(work, request.booking_id, frees=0)
    held = desk.sessions[booking.session_id].state == HELD
    if booking.state not in (ATTENDED, MISSED):
        raise Conflict(f"This booking is {booking.state.replace('_', ' ')}: there is nothing to take back.")
    if not (held and booking.state == MISSED):
        desk.become(booking, MISSED if held else UPCOMING)
        desk.close()
    return answered(work, desk, booking)


def mark_missed(work: Any, request: Any) -> dict[str, Any]:
    """Note that the contact did not come, once the session has started."""
    desk, booking = desk_of(work, request.booking_id, frees=0)
    if booking.state not in (UPCOMING, MISSED):
        raise Conflict(f"This booking is {booking.state.replace('_', ' ')}.")
    if desk.sessions[booking.session_id].starts_at > work.now:
        raise Conflict("This session has not started yet.")
    if booking.state == UPCOMING:
        desk.become(booking, MISSED)
        desk.close()
    return answered(work, desk, booking)


def close_sessions(work: Any) -> None:
    """Hold what is over: who was not checked in has missed it, who still waited is let go.

    Bookings of an outside scheduler stay as it told them. Sessions that somebody else holds wait for the next time.
    """
    over = (
        sa.select(PlannedSession.id, PlannedSession.booked, PlannedSession.waiting)
        .where(PlannedSession.state == SCHEDULED, PlannedSession.ends_at < work.now - CLOSES_AFTER)
        .order_by(PlannedSession.ends_at, PlannedSession.id)
        .limit(SESSIONS_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    chosen: list[str] = []
    bookings = 0
    for row in work.session.execute(over):
        if chosen and bookings + row.booked + row.waiting > BOOKINGS_AT_ONCE:
            break
        chosen.append(row.id)
        bookings += row.booked + row.waiting
    if not chosen:
        return
    desk = Desk(work, chosen)
    undecided = sa.select(Booking).where(
        Booking.session_id.in_(chosen), Booking.state.in_((UPCOMING, WAITLISTED)), ~Booking.told_from_outside
    )
    left = work.session.scalars(undecided.order_by(Booking.session_id, Booking.arrival)).all()
    desk.hold(booking.contact_id for booking in left)
    for booking in left:
        if booking.state == UPCOMING:
            desk.become(booking, MISSED)
        else:
            desk.become(booking, CANCELLED, cause=NOT_PROMOTED)
    for session in desk.sessions.values():
        session.state = HELD
        session.version += 1
        tell(work, published.session_held, session)
    desk.close()

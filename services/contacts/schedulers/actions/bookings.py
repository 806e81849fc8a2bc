"""Bookings as another system has them."""

from __future__ import annotations

from typing import Any

from contracts.errors import Conflict, Invalid
from services.contacts.bookings.actions.desk import Desk
from services.contacts.bookings.model import (
    ACTIVE,
    CANCELLED,
    LATE_CANCELLED,
    PLACED,
    UPCOMING,
    WAITLISTED,
    Booking,
)
from services.contacts.bookings.rules import ASKED
from services.contacts.schedulers.queries import Pair
from services.contacts.schedulers.rules import NEWER, OLDER, age_of, note_age
from services.contacts.sessions.model import CANCELLED as CALLED_OFF, PlannedSession


class Writing:
    """Bookings of one system being written at an open desk; `twins` are the active bookings there are."""

    def __init__(self, work: Any, desk: Desk, system: str, known: dict[str, Booking], twins: dict[Pair, Booking]):
        self._work, self._desk, self._system = work, desk, system
        self._known, self._twins = known, twins

    def write(self, line: Any, session_id: str | None, contact_id: str) -> tuple[str, Booking]:
        """Enter or change one; raises a Problem when it cannot be."""
        booking = self._known.get(line.external_id)
        if booking is not None and booking.session_id not in self._desk.sessions:
            raise Conflict("This booking is being moved to another session at this moment; send it again.")
        if session_id is None or session_id not in self._desk.sessions:
            named = "/session_id" if line.session_id else "/session_external_id"
            raise Invalid.field(named, "There is no such session; send it first.")
        session = self._desk.sessions[session_id]
        if booking is None:
            booking = self._adopted(session, contact_id)
        if booking is None:
            return "created", self._enter(line, session, contact_id)
        if booking.contact_id != contact_id:
            raise Conflict.field("/contact_id", "This booking is another contact's.")
        age = NEWER if booking.external_id is None else age_of(booking, line)
        if age != NEWER:
            return ("outdated" if age == OLDER else "unchanged"), booking
        version = booking.version
        self._change(line, booking, session)
        self._sign(line, booking)
        return ("updated" if booking.version != version else "unchanged"), booking

    def _adopted(self, session: PlannedSession, contact_id: str) -> Booking | None:
        """A booking that was made here is the same one, since nobody books a session twice."""
        twin = self._twins.get((session.id, contact_id))
        if twin is not None and twin.kept_by is not None:
            detail = f"The contact has booked this session already, as {twin.external_id} of {twin.kept_by}."
            raise Conflict.field("/contact_id", detail)
        return twin

    def _enter(self, line: Any, session: PlannedSession, contact_id: str) -> Booking:
        state = line.state or (UPCOMING if session.free else WAITLISTED)
        self._refuse_impossible(session, contact_id, state)
        booking = self._desk.add(session, contact_id, state, **_why(line, state), told_from_outside=bool(line.state))
        self._sign(line, booking)
        if state in ACTIVE:
            self._twins[session.id, contact_id] = booking
        return booking

    def _change(self, line: Any, booking: Booking, session: PlannedSession) -> None:
        state = line.state or booking.state
        pair = (booking.session_id, booking.contact_id)
        if state in ACTIVE and (booking.session_id != session.id or booking.state not in ACTIVE):
            self._refuse_impossible(session, booking.contact_id, state)
            twin = self._twins.get((session.id, booking.contact_id), booking)
            if twin is not booking:
                raise Conflict.field("/contact_id", "The contact has booked this session already.", booking_id=twin.id)
        booking.told_from_outside = booking.told_from_outside or bool(line.state)
        if state in ACTIVE and booking.session_id != session.id:
            self._twins.pop(pair, None)
            self._desk.move(booking, session, UPCOMING if state in PLACED else WAITLISTED)
        if state != booking.state:
            self._desk.become(booking, state, **_why(line, state))
        if state in ACTIVE:
            self._twins[booking.session_id, booking.contact_id] = booking
        else:
            self._twins.pop(pair, None)

    def _refuse_impossible(self, session: PlannedSession, contact_id: str, state: str) -> None:
        if state not in (UPCOMING, WAITLISTED):
            return  # what is over is history, whoever it was and whatever became of the session
        self._desk.refuse_unbookable(contact_id, "/contact_id")
        if session.state == CALLED_OFF:
            raise Conflict.field("/session_external_id", "This session was cancelled.")

    def _sign(self, line: Any, booking: Booking) -> None:
        booking.kept_by, booking.external_id = self._system, line.external_id
        self._known[line.external_id] = booking
        note_age(booking, line)


def _why(line: Any, state: str) -> dict[str, Any]:
    return {"cause": ASKED, "reason": line.reason} if state in (CANCELLED, LATE_CANCELLED) else {}

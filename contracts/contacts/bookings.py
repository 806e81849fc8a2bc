"""Bookings: who comes to a session, who waits for a place, and what became of it."""

from __future__ import annotations

from marshmallow import fields

from contracts.contacts.sessions import SESSION_KINDS
from contracts.language import Event, Id, Moment, Schema

BOOKING_STATES = ("upcoming", "waitlisted", "attended", "missed", "cancelled", "late_cancelled")
CANCEL_CAUSES = ("asked", "session_cancelled", "not_promoted")


class BookingTold(Schema):
    """A booking as it is told, and the figures of the contact after it: absolute ones, so that the newest event by
    position in the log is all that has to be kept. A place counts from `upcoming` on; waiting for one does not."""

    booking_id = Id(required=True)
    session_id = Id(required=True)
    title = fields.String(required=True)
    kind = fields.String(required=True, metadata={"description": f"of the session: {', '.join(SESSION_KINDS)}"})
    starts_at = Moment(required=True)
    location = fields.String(allow_none=True)
    state = fields.String(required=True, metadata={"description": ", ".join(BOOKING_STATES)})
    booked_by_contact_id = Id(allow_none=True)
    first_booking_at = Moment(
        allow_none=True, metadata={"description": "start of the earliest booking that is not cancelled"}
    )
    last_booking_at = Moment(
        allow_none=True, metadata={"description": "start of the latest booking that is not cancelled; may lie ahead"}
    )
    next_booking_at = Moment(allow_none=True, metadata={"description": "start of the next upcoming booking"})
    last_visit_at = Moment(allow_none=True, metadata={"description": "start of the latest attended booking"})
    bookings = fields.Integer(required=True, metadata={"description": "upcoming, attended and missed"})
    upcoming = fields.Integer(required=True)
    visits = fields.Integer(required=True)
    no_shows = fields.Integer(required=True)
    cancellations = fields.Integer(
        required=True, metadata={"description": "asked for, in time; those of cancelled sessions do not count"}
    )
    late_cancellations = fields.Integer(required=True)


class BookingCancelled(BookingTold):
    late = fields.Boolean(required=True)
    cause = fields.String(required=True, metadata={"description": ", ".join(CANCEL_CAUSES)})
    reason = fields.String(allow_none=True)
    was = fields.String(required=True, metadata={"description": "the state before"})


class SessionBefore(Schema):
    """When and where the booking was for until now."""

    session_id = Id(required=True)
    title = fields.String(required=True)
    starts_at = Moment(required=True)


class BookingRescheduled(BookingTold):
    before = fields.Nested(SessionBefore, required=True)


booking_made = Event("contacts", "booking.made", data=BookingTold, about="A place was booked.")
booking_waitlisted = Event("contacts", "booking.waitlisted", data=BookingTold, about="Somebody waits for a place.")
booking_promoted = Event("contacts", "booking.promoted", data=BookingTold, about="Who waited first has a place now.")
booking_cancelled = Event("contacts", "booking.cancelled", data=BookingCancelled, about="A booking was given up.")
booking_rescheduled = Event(
    "contacts", "booking.rescheduled", data=BookingRescheduled,
    about="A booking is for another session now, or its session for another time.",
)  # fmt: skip
booking_attended = Event("contacts", "booking.attended", data=BookingTold, about="The contact came.")
booking_missed = Event("contacts", "booking.missed", data=BookingTold, about="The contact did not come.")
booking_attendance_undone = Event(
    "contacts", "booking.attendance_undone", data=BookingTold,
    about="That they came, or did not, was a mistake: the booking is `upcoming` again.",
)  # fmt: skip

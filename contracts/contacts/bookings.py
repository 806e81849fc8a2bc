"""Bookings: who comes to a session, who waits for a place, and what became of it."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.contacts.sessions import SESSION_KINDS
from contracts.errors import Conflict, Invalid, Merged, NotFound, Stale
from contracts.language import Boolean, Event, Id, Moment, PageRequest, Rpc, Schema, Sort, Text, page_of

BOOKING_STATES = ("upcoming", "waitlisted", "attended", "missed", "cancelled", "late_cancelled")
CANCEL_CAUSES = ("asked", "session_cancelled", "not_promoted", "archived")
IF_FULL = ("wait", "refuse")
LARGEST_PARTY = 50


def _if_full(default: str) -> fields.String:
    return fields.String(
        load_default=default, validate=validate.OneOf(IF_FULL),
        metadata={"description": "whether to wait for a place, or to leave all as it is"},
    )  # fmt: skip


class _Booking(Schema):
    booked_by_contact_id = Id(allow_none=True, metadata={"description": "a related contact who books on behalf"})
    if_full = _if_full("wait")
    even_if_started = Boolean(
        load_default=False, metadata={"description": "also when the session has started or is over"}
    )


class Book(_Booking):
    session_id = Id(required=True)
    contact_id = Id(required=True)


class BookGroup(_Booking):
    """All get a place, or all wait side by side and move up together; or all are refused."""

    session_id = Id(required=True)
    contact_ids = fields.List(Id(), validate=validate.Length(1, LARGEST_PARTY))
    group_id = Id(metadata={"description": "in place of `contact_ids`: all active members of a group"})


class BookingId(Schema):
    booking_id = Id(required=True)


class Reschedule(Schema):
    """Leave one session and enter another in one step. Too late to cancel in time is too late for this as well,
    unless that is waived."""

    booking_id = Id(required=True)
    session_id = Id(required=True)
    if_full = _if_full("refuse")
    waive_late = Boolean(load_default=False)


class Rebook(Schema):
    """Book once more what is over or was cancelled: in the same session, or in another."""

    booking_id = Id(required=True)
    session_id = Id()
    if_full = _if_full("wait")


class CancelBooking(Schema):
    booking_id = Id(required=True)
    reason = Text(max=500)
    waive_late = Boolean(load_default=False, metadata={"description": "treat it as in time, however late it is"})


class ListBookings(PageRequest):
    """Bookings by the start of their session: at or after `since`, before `until`."""

    contact_id = Id()
    state = fields.String(
        validate=validate.Regexp(rf"\A({'|'.join(BOOKING_STATES)})(,({'|'.join(BOOKING_STATES)}))*\Z"),
        metadata={"description": "some of them, separated by commas"},
    )
    since = Moment()
    until = Moment()
    sort = Sort("-starts_at", "starts_at")


class ListContactBookings(ListBookings):
    contact_id = Id(required=True)


class ListRoster(PageRequest):
    """Who booked a session, in the order in which they did."""

    session_id = Id(required=True)
    state = fields.String(validate=validate.OneOf(BOOKING_STATES))
    sort = Sort("arrival", "-arrival")


class Booking(Schema):
    """A booking with what it is for. `party_id` is one for all who were booked together; `credit_pack_id` is the pack
    whose credit it holds; `waitlist_position` counts from 1 and is told on rosters and for one booking."""

    id = Id(required=True)
    session_id = Id(required=True)
    contact_id = Id(required=True)
    contact_name = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(BOOKING_STATES))
    waitlist_position = fields.Integer(required=True, allow_none=True)
    kind = fields.String(required=True)
    title = fields.String(required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    location = fields.String(required=True, allow_none=True)
    host_id = Id(required=True, allow_none=True)
    booked_by_contact_id = Id(required=True, allow_none=True)
    booked_by = fields.String(required=True, allow_none=True)
    party_id = Id(required=True, allow_none=True)
    credit_pack_id = Id(required=True, allow_none=True)
    cancel_cause = fields.String(required=True, allow_none=True)
    cancel_reason = fields.String(required=True, allow_none=True)
    kept_by = fields.String(required=True, allow_none=True)
    external_id = fields.String(required=True, allow_none=True)
    made_at = Moment(required=True)
    changed_at = Moment(required=True)
    version = fields.Integer(required=True)


BookingPage = page_of(Booking)


class BookedGroup(Schema):
    party_id = Id(required=True)
    bookings = fields.List(fields.Nested(Booking), required=True)


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
    booked_since = Moment(
        allow_none=True,
        metadata={"description": "since when a place that is not cancelled was booked: when it was given, or began"},
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
    late = Boolean(required=True)
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


def _entry(name: str, takes: type[Schema], about: str, gives: type[Schema] = Booking) -> Rpc:
    raises = (NotFound, Merged, Conflict, Invalid)
    return Rpc("contacts", name, needs="bookings.write", takes=takes, gives=gives, raises=raises, about=about)


def _change(name: str, takes: type[Schema], about: str) -> Rpc:
    raises = (NotFound, Merged, Conflict, Invalid, Stale)
    return Rpc("contacts", name, needs="bookings.write", takes=takes, gives=Booking, raises=raises, about=about)


book = _entry("book", Book, "Book a place; when the session is full the contact waits for one.")
book_group = _entry("book_group", BookGroup, "Book places for several contacts at once.", BookedGroup)
rebook = _entry("rebook", Rebook, "Book once more.")
reschedule_booking = _change("reschedule_booking", Reschedule, "Move a booking to another session.")
cancel_booking = _change(
    "cancel_booking", CancelBooking,
    "Give a booking up: in time it gives its credit back, late it does not. The first who waits moves up. "
    "Twice is harmless.",
)  # fmt: skip
check_in = _change("check_in", BookingId, "Note that the contact came; twice is once.")
undo_check_in = _change("undo_check_in", BookingId, "That they came, or did not, was a mistake.")
mark_missed = _change("mark_missed", BookingId, "Note that the contact did not come.")
get_booking = Rpc(
    "contacts", "get_booking", needs="bookings.read", takes=BookingId, gives=Booking, raises=(NotFound,), writes=False
)
list_bookings = Rpc(
    "contacts", "list_bookings", needs="bookings.read", takes=ListBookings, gives=BookingPage,
    raises=(NotFound, Merged, Invalid), writes=False,
)  # fmt: skip
list_contact_bookings = Rpc(
    "contacts", "list_contact_bookings", needs="bookings.read", takes=ListContactBookings, gives=BookingPage,
    raises=(NotFound, Merged, Invalid), writes=False,
)  # fmt: skip
list_roster = Rpc(
    "contacts", "list_roster", needs="bookings.read", takes=ListRoster, gives=BookingPage,
    raises=(NotFound, Invalid), writes=False,
)  # fmt: skip

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

"""Outside schedulers: what another system writes of sessions and bookings, under its own ids."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from contracts.contacts.bookings import BOOKING_STATES, Booking
from contracts.contacts.sessions import (
    LARGEST,
    LATE_CANCEL_HOURS,
    LONGEST_WINDOW,
    SESSION_KINDS,
    SESSION_STATES,
    PlannedSession,
)
from contracts.errors import Conflict, Invalid, Merged, NotFound
from contracts.language import Id, Moment, Rpc, Schema, Text

OUTCOMES = ("created", "updated", "unchanged", "outdated", "refused")
LARGEST_BATCH = 500
BIGGEST = 2**63 - 1


def _system() -> fields.String:
    return fields.String(
        required=True, validate=validate.Regexp(r"\A[a-z0-9][a-z0-9_-]{0,39}\Z"),
        metadata={"description": "what the other system is called here, such as `mindbody`"},
    )  # fmt: skip


def _external_id(**options: Any) -> Text:
    return Text(min=1, max=200, **options)


class _Ordered(Schema):
    """The other system's own order: what is not newer than what is known changes nothing. Without either, what comes
    last counts."""

    sequence = fields.Integer(strict=True, validate=validate.Range(0, BIGGEST))
    updated_at = Moment()


class SessionThere(_Ordered):
    """A session as the other system has it."""

    external_id = _external_id(required=True)
    kind = fields.String(load_default="class", validate=validate.OneOf(SESSION_KINDS))
    title = Text(required=True, min=1, max=200)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    capacity = fields.Integer(required=True, strict=True, validate=validate.Range(1, LARGEST))
    location = Text(max=200, allow_none=True)
    host_id = Id(allow_none=True)
    late_cancel_hours = fields.Integer(
        strict=True, validate=validate.Range(0, LONGEST_WINDOW), load_default=LATE_CANCEL_HOURS
    )
    state = fields.String(load_default="scheduled", validate=validate.OneOf(SESSION_STATES))
    reason = Text(max=500, allow_none=True)


class BookingThere(_Ordered):
    """A booking as the other system has it: of a session by its id there (`session_external_id`) or here
    (`session_id`), for a contact by its id here, by its id there, or by e-mail address.

    With a `state` the other system decides who has a place, and who moves up; without one it is decided here.
    """

    external_id = _external_id(required=True)
    session_external_id = _external_id()
    session_id = Id()
    contact_id = Id()
    contact_external_id = _external_id()
    email = Text(min=3, max=254)
    state = fields.String(validate=validate.OneOf(BOOKING_STATES))
    reason = Text(max=500, allow_none=True)


class PutSession(SessionThere):
    system = _system()


class PutBooking(BookingThere):
    system = _system()


class WriteBatch(Schema):
    """Sessions first, bookings after them; 500 at most together. What is refused leaves the rest alone."""

    system = _system()
    sessions = fields.List(fields.Nested(SessionThere), load_default=list, validate=validate.Length(max=LARGEST_BATCH))
    bookings = fields.List(fields.Nested(BookingThere), load_default=list, validate=validate.Length(max=LARGEST_BATCH))


class _Outcome(Schema):
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))


class SessionPut(_Outcome):
    session = fields.Nested(PlannedSession, required=True)


class BookingPut(_Outcome):
    booking = fields.Nested(Booking, required=True)


class BatchLine(_Outcome):
    """What became of one line: the id here, or why it was refused."""

    external_id = fields.String(required=True)
    id = Id(required=True, allow_none=True)
    problem = fields.String(required=True, allow_none=True)


class BatchWritten(Schema):
    sessions = fields.List(fields.Nested(BatchLine), required=True)
    bookings = fields.List(fields.Nested(BatchLine), required=True)


_RAISES = (NotFound, Merged, Conflict, Invalid)

put_session = Rpc(
    "contacts", "put_session", needs="schedulers.write", takes=PutSession, gives=SessionPut, raises=_RAISES,
    about="Enter or change a session under the id that another system has for it; repeating it is harmless.",
)  # fmt: skip
put_booking = Rpc(
    "contacts", "put_booking", needs="schedulers.write", takes=PutBooking, gives=BookingPut, raises=_RAISES,
    about="Enter or change a booking under the id that another system has for it; repeating it is harmless.",
)  # fmt: skip
write_batch = Rpc(
    "contacts", "write_batch", needs="schedulers.write", takes=WriteBatch, gives=BatchWritten, raises=(Invalid,),
    deadline=30.0, about="Enter or change many sessions and bookings under another system's ids.",
)  # fmt: skip

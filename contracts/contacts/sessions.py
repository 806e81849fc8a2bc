"""Sessions: what can be booked, a class, an appointment, a facility or a course session, with its time and place."""

from __future__ import annotations

from marshmallow import fields

from contracts.language import Event, Id, Moment, Schema

SESSION_KINDS = ("class", "appointment", "facility", "course_session")
SESSION_STATES = ("scheduled", "cancelled", "held")


class SessionTold(Schema):
    """A session as it is told, after what happened."""

    session_id = Id(required=True)
    series_id = Id(allow_none=True)
    title = fields.String(required=True)
    kind = fields.String(required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    location = fields.String(allow_none=True)
    host_id = Id(allow_none=True)
    capacity = fields.Integer(required=True)
    version = fields.Integer(required=True)


class SessionChanged(SessionTold):
    changes = fields.Dict(
        keys=fields.String(), required=True, metadata={"description": "field → {before, after}, in plain values"}
    )


class SessionCancelled(SessionTold):
    reason = fields.String(allow_none=True)


session_scheduled = Event("contacts", "session.scheduled", data=SessionTold, about="A session is planned. No subject.")
session_changed = Event("contacts", "session.changed", data=SessionChanged, about="A session changed. No subject.")
session_cancelled = Event(
    "contacts", "session.cancelled", data=SessionCancelled,
    about="A session does not take place; its bookings are cancelled, each told by itself. No subject.",
)  # fmt: skip
session_held = Event("contacts", "session.held", data=SessionTold, about="A session has taken place. No subject.")

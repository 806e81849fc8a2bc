"""Sessions: what can be booked, a class, an appointment, a facility or a course session, with its time and place."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.errors import Conflict, Invalid, NotFound, Stale
from contracts.language import Event, Id, LocalTime, Moment, PageRequest, Rpc, Schema, Sort, Text, page_of

SESSION_KINDS = ("class", "appointment", "facility", "course_session")
SESSION_STATES = ("scheduled", "cancelled", "held")
SCOPES = ("this", "following", "all")
LARGEST = 100_000
LONGEST_WINDOW = 24 * 60
LATE_CANCEL_HOURS = 12
MOST_IN_SERIES = 400


def _whole(least: int, most: int, **options: object) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(least, most), **options)  # type: ignore[arg-type]


class _Terms(Schema):
    """What may be said of a session when it is planned and when it is changed."""

    location = Text(max=200, allow_none=True, metadata={"description": "a location's key or name"})
    host_id = Id(allow_none=True, metadata={"description": "the team member who holds it"})
    course_id = Id(
        allow_none=True,
        metadata={"description": "the course, a package of billing's, of which it is; course sessions alone"},
    )


class CreateSession(_Terms):
    """A session to be. Somebody who hosts two at once is allowed, and told as `overlaps`."""

    kind = fields.String(required=True, validate=validate.OneOf(SESSION_KINDS))
    title = Text(required=True, min=1, max=200)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    capacity = _whole(1, LARGEST, required=True)
    late_cancel_hours = _whole(
        0, LONGEST_WINDOW, load_default=LATE_CANCEL_HOURS,
        metadata={"description": "cancelling later than so many hours before the start is late"},
    )  # fmt: skip


class ChangeSession(_Terms):
    """A merge-patch. With `scope` also those `following` in its series, or `all` of it that have not started: to them
    a new time means the same shift of the day and the same time of the day, in the zone of their place. None that is
    still to come is moved to before now; a session that is over may be planned as such, or told by a scheduler."""

    session_id = Id(required=True)
    scope = fields.String(load_default="this", validate=validate.OneOf(SCOPES))
    title = Text(min=1, max=200)
    starts_at = Moment()
    ends_at = Moment()
    capacity = _whole(1, LARGEST, metadata={"description": "more promotes who waits; fewer throws nobody out"})
    late_cancel_hours = _whole(0, LONGEST_WINDOW)


class CancelSession(Schema):
    session_id = Id(required=True)
    scope = fields.String(load_default="this", validate=validate.OneOf(SCOPES))
    reason = Text(max=500)


class SessionId(Schema):
    session_id = Id(required=True)


class ListSessions(PageRequest):
    """Sessions by their start: at or after `since`, before `until`."""

    since = Moment()
    until = Moment()
    location = Text(max=200)
    host_id = Id()
    series_id = Id()
    kind = fields.String(validate=validate.OneOf(SESSION_KINDS))
    state = fields.String(validate=validate.OneOf(SESSION_STATES))
    sort = Sort("starts_at", "-starts_at")


class PlannedSession(Schema):
    """A session; `booked` may exceed `capacity` once that was lowered. `kept_by` names the outside scheduler that
    writes it, if one does."""

    id = Id(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(SESSION_KINDS))
    title = fields.String(required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    location = fields.String(required=True, allow_none=True)
    host_id = Id(required=True, allow_none=True)
    course_id = Id(required=True, allow_none=True)
    capacity = fields.Integer(required=True)
    booked = fields.Integer(required=True)
    waiting = fields.Integer(required=True)
    late_cancel_hours = fields.Integer(required=True)
    state = fields.String(required=True, validate=validate.OneOf(SESSION_STATES))
    cancel_reason = fields.String(required=True, allow_none=True)
    series_id = Id(required=True, allow_none=True)
    kept_by = fields.String(required=True, allow_none=True)
    external_id = fields.String(required=True, allow_none=True)
    created_at = Moment(required=True)
    version = fields.Integer(required=True)


class WrittenSession(PlannedSession):
    """What was made of it; `overlaps` are other sessions of the same host at the same time, ten at most."""

    overlaps = fields.List(Id(), required=True)
    sessions_changed = fields.Integer(required=True)


class CreateSeries(_Terms):
    """Sessions by a rule (RFC 5545, `FREQ=WEEKLY;BYDAY=MO,WE;COUNT=20`), at the same time of the day in the time zone
    of their place, whatever daylight saving does. The rule ends by COUNT or UNTIL, within five years and 400 sessions.
    """

    kind = fields.String(required=True, validate=validate.OneOf(SESSION_KINDS))
    title = Text(required=True, min=1, max=200)
    starts = LocalTime(required=True, metadata={"description": "local date and time of the first, without an offset"})
    duration_minutes = _whole(1, 7 * 24 * 60, required=True)
    rule = Text(required=True, min=6, max=300)
    capacity = _whole(1, LARGEST, required=True)
    late_cancel_hours = _whole(0, LONGEST_WINDOW, load_default=LATE_CANCEL_HOURS)


class ListSeries(PageRequest):
    kind = fields.String(validate=validate.OneOf(SESSION_KINDS))
    host_id = Id()
    sort = Sort("newest", "oldest")


class SeriesId(Schema):
    series_id = Id(required=True)


class ChangeSeries(_Terms):
    """A merge-patch. All sessions that have not started get what it names, those too that were changed by themselves.
    With `starts`, a time of the clocks of `time_zone`, they get it and the length on the day that they are on, none of
    them before now; nothing else moves a start. The rule stays: for other days plan another."""

    series_id = Id(required=True)
    title = Text(min=1, max=200)
    starts = LocalTime(metadata={"description": "another time on the day that it has; local, without an offset"})
    duration_minutes = _whole(1, 7 * 24 * 60)
    capacity = _whole(1, LARGEST)
    late_cancel_hours = _whole(0, LONGEST_WINDOW)


class SessionSeries(Schema):
    """A series as it was planned, or last changed as a whole; what became of each session stands with the session."""

    id = Id(required=True)
    kind = fields.String(required=True)
    title = fields.String(required=True)
    starts = LocalTime(required=True)
    duration_minutes = fields.Integer(required=True)
    rule = fields.String(required=True)
    time_zone = fields.String(required=True)
    location = fields.String(required=True, allow_none=True)
    host_id = Id(required=True, allow_none=True)
    course_id = Id(required=True, allow_none=True)
    capacity = fields.Integer(required=True)
    late_cancel_hours = fields.Integer(required=True)
    sessions = fields.Integer(required=True)
    created_at = Moment(required=True)
    version = fields.Integer(required=True)


class WrittenSeries(SessionSeries):
    sessions_changed = fields.Integer(
        required=True, metadata={"description": "how many sessions were not like this before"}
    )


class SeriesTold(Schema):
    """A series as it is told, after what happened."""

    series_id = Id(required=True)
    title = fields.String(required=True)
    kind = fields.String(required=True)
    version = fields.Integer(required=True)


class SeriesChanged(SeriesTold):
    changes = fields.Dict(
        keys=fields.String(), required=True, metadata={"description": "field → {before, after}, in plain values"}
    )


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
    course_id = Id(allow_none=True)
    capacity = fields.Integer(required=True)
    version = fields.Integer(required=True)


class SessionChanged(SessionTold):
    changes = fields.Dict(
        keys=fields.String(), required=True, metadata={"description": "field → {before, after}, in plain values"}
    )


class SessionCancelled(SessionTold):
    reason = fields.String(allow_none=True)


create_session = Rpc(
    "contacts", "create_session", needs="sessions.manage", takes=CreateSession, gives=WrittenSession,
    raises=(Invalid,), about="Plan a session.",
)  # fmt: skip
get_session = Rpc(
    "contacts", "get_session", needs="bookings.read", takes=SessionId, gives=PlannedSession, raises=(NotFound,),
    writes=False,
)  # fmt: skip
list_sessions = Rpc(
    "contacts", "list_sessions", needs="bookings.read", takes=ListSessions, gives=page_of(PlannedSession),
    raises=(Invalid,), writes=False,
)  # fmt: skip
change_session = Rpc(
    "contacts", "change_session", needs="sessions.manage", takes=ChangeSession, gives=WrittenSession,
    raises=(NotFound, Conflict, Invalid, Stale),
    about="Change a session, or more of its series. Its bookings move along, each told as rescheduled.",
)  # fmt: skip
cancel_session = Rpc(
    "contacts", "cancel_session", needs="sessions.manage", takes=CancelSession, gives=WrittenSession,
    raises=(NotFound, Conflict, Stale),
    about="Call a session off, or more of its series: bookings are cancelled and give their credits back, many of "
    "them a moment later. Twice is harmless.",
)  # fmt: skip
create_series = Rpc(
    "contacts", "create_series", needs="sessions.manage", takes=CreateSeries, gives=SessionSeries, raises=(Invalid,),
    deadline=15.0, about="Plan a series of sessions.",
)  # fmt: skip
get_series = Rpc(
    "contacts", "get_series", needs="bookings.read", takes=SeriesId, gives=SessionSeries, raises=(NotFound,),
    writes=False,
)  # fmt: skip
list_series = Rpc(
    "contacts", "list_series", needs="bookings.read", takes=ListSeries, gives=page_of(SessionSeries),
    raises=(Invalid,), writes=False,
)  # fmt: skip
change_series = Rpc(
    "contacts", "change_series", needs="sessions.manage", takes=ChangeSeries, gives=WrittenSeries,
    raises=(NotFound, Invalid, Stale), deadline=15.0,
    about="Change a series and all of its sessions that have not started. Their bookings move along, each told as "
    "rescheduled.",
)  # fmt: skip

series_planned = Event(
    "contacts", "session_series.planned", data=SeriesTold,
    about="A series is planned; each of its sessions is told by itself. No subject.",
)  # fmt: skip
series_changed = Event(
    "contacts", "session_series.changed", data=SeriesChanged,
    about="A series changed as a whole; each session that followed is told by itself. No subject.",
)  # fmt: skip
session_scheduled = Event("contacts", "session.scheduled", data=SessionTold, about="A session is planned. No subject.")
session_changed = Event("contacts", "session.changed", data=SessionChanged, about="A session changed. No subject.")
session_cancelled = Event(
    "contacts", "session.cancelled", data=SessionCancelled,
    about="A session does not take place; its bookings are cancelled, each told by itself. No subject.",
)  # fmt: skip
session_held = Event("contacts", "session.held", data=SessionTold, about="A session has taken place. No subject.")

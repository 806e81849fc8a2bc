"""The event log of each service, which any reader may follow from any position."""

from marshmallow import fields, validate

from contracts.errors import Gone
from contracts.language import Id, Moment, Rpc, Schema


class ReadEvents(Schema):
    """Asking for the events after a position; the first event of a service has position 1.

    After -1 means from the oldest that is still kept (RAPPORT_EVENTS_KEPT_DAYS); any other position that lies before it
    is Gone.
    """

    after = fields.Integer(load_default=0, validate=validate.Range(-1, 2**62))
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 1000))


class LoggedEvent(Schema):
    """One event as it stands in the log; `position` is gapless within its service."""

    id = Id()
    position = fields.Integer()
    type = fields.String()
    subject = Id(allow_none=True)
    time = Moment()
    data = fields.Dict()
    actor = fields.Dict(allow_none=True)
    request_id = fields.String(allow_none=True)


class LoggedEvents(Schema):
    """Some events in order, and the position of the newest one in the log."""

    items = fields.List(fields.Nested(LoggedEvent))
    newest = fields.Integer()


def read_events_of(service: str) -> Rpc:
    """The question as one service answers it."""
    return Rpc(
        service, "read_events", needs="events.read", takes=ReadEvents, gives=LoggedEvents, raises=(Gone,), writes=False
    )


read_events = {
    service: read_events_of(service) for service in ("contacts", "pipeline", "billing", "documents", "notifications")
}
"""The Rpc of each service, by its name."""

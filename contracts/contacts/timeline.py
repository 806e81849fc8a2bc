"""The timeline: everything that happened with a contact, from every service, in one order."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.errors import Invalid, Merged, NotFound
from contracts.language import Boolean, Id, Moment, PageRequest, Rpc, Schema, Sort, page_of


class GetTimeline(PageRequest):
    contact_id = Id(required=True)
    type = fields.String(
        validate=validate.Length(max=1000),
        metadata={
            "description": "only these kinds, separated by commas: a type (`payment.taken`) or a thing (`payment`)"
        },
    )
    late = Boolean(metadata={"description": "only cancellations that came too late, or only those that came in time"})
    since = Moment(metadata={"description": "at this moment or after it"})
    until = Moment(metadata={"description": "before this moment"})
    sort = Sort("newest", "oldest")


class TimelineActor(Schema):
    """Who did it, as far as the event says."""

    id = fields.String(allow_none=True)
    role = fields.String(allow_none=True)
    name = fields.String(allow_none=True)


class TimelineEntry(Schema):
    id = Id(required=True, metadata={"description": "the id of the event"})
    type = fields.String(required=True)
    happened_at = Moment(required=True)
    source = fields.String(required=True, metadata={"description": "the service that it happened in"})
    summary = fields.String(required=True, metadata={"description": "the entry as an English sentence"})
    data = fields.Dict(keys=fields.String(), required=True)
    actor = fields.Nested(TimelineActor, required=True, allow_none=True)


get_timeline = Rpc(
    "contacts",
    "get_timeline",
    needs="contacts.read",
    takes=GetTimeline,
    gives=page_of(TimelineEntry),
    raises=(NotFound, Merged, Invalid),
    writes=False,
    about="Read a contact's history over all services.",
)

"""Segments: saved filters with a membership that follows what happens, and the passing of time."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.contacts.filters import Filter
from contracts.contacts.words import KINDS, LIFECYCLES
from contracts.errors import Conflict, Forbidden, Invalid, Merged, NotFound, Stale
from contracts.language import Boolean, Changes, Event, Id, Moment, PageRequest, Rpc, Schema, Sort, Text, page_of

BUILT_IN = ("vip", "at_risk", "new", "recurring", "one_time")
STATES = ("evaluating", "ready")


class CreateSegment(Schema):
    """Archived and merged contacts are in no segment; a segment may not ask about segments."""

    name = Text(required=True, min=1, max=100)
    description = Text(max=1000, multiline=True, load_default="")
    filter = Filter(required=True)


class ChangeSegment(Schema):
    """A merge-patch; another `filter` lets contacts enter and leave."""

    segment_id = Id(required=True)
    name = Text(min=1, max=100)
    description = Text(max=1000, multiline=True)
    filter = Filter()


class SegmentId(Schema):
    segment_id = Id(required=True)


class ListSegments(PageRequest):
    q = Text(max=100, metadata={"description": "any part of the name"})
    built_in = Boolean(metadata={"description": "only those that every business has, or only its own"})
    sort = Sort("name", "-name", "newest", "oldest")


class ListSegmentMembers(PageRequest):
    """In the order in which they were entered into the business, the oldest first unless told otherwise."""

    segment_id = Id(required=True)
    kind = fields.String(validate=validate.OneOf(KINDS))
    lifecycle = fields.String(validate=validate.OneOf(LIFECYCLES))
    sort = Sort("oldest", "newest")
    count = Boolean(load_default=False, metadata={"description": "also count all members that it is narrowed to"})


class ListSegmentsOfContact(PageRequest):
    """`newest` is the one that was entered last."""

    contact_id = Id(required=True)
    built_in = Boolean()
    sort = Sort("name", "-name", "newest", "oldest")


class PreviewSegment(Schema):
    filter = Filter(required=True)


class Segment(Schema):
    """`state` is evaluating until everybody was looked at with this filter; `job_id` tells how far that is."""

    id = Id(required=True)
    name = fields.String(required=True)
    description = fields.String(required=True)
    filter = fields.Dict(required=True)
    built_in = fields.String(
        required=True, allow_none=True, validate=validate.OneOf(BUILT_IN),
        metadata={"description": "which of the segments that every business has; null for its own"},
    )  # fmt: skip
    follows_settings = Boolean(
        required=True,
        metadata={
            "description": "a built-in one whose filter changes with the settings: not while it was given another; "
            "given the one that the settings make, it follows them again"
        },
    )
    passes_with_time = Boolean(
        required=True, metadata={"description": "another day alone may let contacts enter and leave"}
    )
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    job_id = Id(required=True, allow_none=True)
    created_at = Moment(required=True)
    changed_at = Moment(required=True)
    version = fields.Integer(required=True)


class ContactInShort(Schema):
    contact_id = Id(required=True)
    display_name = fields.String(required=True)
    lifecycle = fields.String(required=True)


class SegmentMember(ContactInShort):
    entered_at = Moment(required=True)


class SegmentMembers(page_of(SegmentMember)):  # type: ignore[misc]
    total = fields.Integer(allow_none=True)


class SegmentOfContact(Schema):
    segment_id = Id(required=True)
    name = fields.String(required=True)
    built_in = fields.String(required=True, allow_none=True)
    entered_at = Moment(required=True)


class Preview(Schema):
    """How many would be in it now, and some of them."""

    total = fields.Integer(required=True)
    sample = fields.List(fields.Nested(ContactInShort), required=True)


class Reevaluation(Schema):
    job_id = Id(required=True)


create_segment = Rpc(
    "contacts", "create_segment", needs="contacts.write", takes=CreateSegment, gives=Segment,
    raises=(Invalid, Forbidden, Conflict), about="Who matches enters in the background.",
)  # fmt: skip
get_segment = Rpc(
    "contacts", "get_segment", needs="contacts.read", takes=SegmentId, gives=Segment, raises=(NotFound,), writes=False
)
list_segments = Rpc(
    "contacts", "list_segments", needs="contacts.read", takes=ListSegments, gives=page_of(Segment), raises=(Invalid,),
    writes=False,
)  # fmt: skip
change_segment = Rpc(
    "contacts", "change_segment", needs="contacts.write", takes=ChangeSegment, gives=Segment,
    raises=(NotFound, Invalid, Forbidden, Conflict, Stale),
)  # fmt: skip
delete_segment = Rpc(
    "contacts", "delete_segment", needs="contacts.write", takes=SegmentId, raises=(NotFound, Stale),
    about="It is gone at once; its members leave in the background.",
)  # fmt: skip
preview_segment = Rpc(
    "contacts", "preview_segment", needs="contacts.read", takes=PreviewSegment, gives=Preview,
    raises=(Invalid, Forbidden), writes=False, about="Count who matches, without keeping anything.",
)  # fmt: skip
list_segment_members = Rpc(
    "contacts", "list_segment_members", needs="contacts.read", takes=ListSegmentMembers, gives=SegmentMembers,
    raises=(NotFound, Invalid), writes=False,
)  # fmt: skip
list_segments_of_contact = Rpc(
    "contacts", "list_segments_of_contact", needs="contacts.read", takes=ListSegmentsOfContact,
    gives=page_of(SegmentOfContact), raises=(NotFound, Merged, Invalid), writes=False,
)  # fmt: skip
reevaluate_segment = Rpc(
    "contacts", "reevaluate_segment", needs="contacts.write", takes=SegmentId, gives=Reevaluation, raises=(NotFound,),
    about="Look at everybody again; when all went well nobody enters and nobody leaves.",
)  # fmt: skip


class SegmentTold(Schema):
    segment_id = Id(required=True)
    name = fields.String(required=True)
    version = fields.Integer(required=True)


class SegmentChanged(SegmentTold):
    changes = Changes()


class Cause(Schema):
    """Why, in `words`; `type`, `event_id` and `time` are of the event that did it, where one did."""

    words = fields.String(required=True)
    type = fields.String(allow_none=True)
    event_id = Id(allow_none=True)
    time = Moment(allow_none=True)


class Passage(Schema):
    """A contact enters a segment or leaves it."""

    segment_id = Id(required=True)
    name = fields.String(required=True)
    cause = fields.Nested(Cause, required=True)


segment_created = Event("contacts", "segment.created", data=SegmentTold, about="It is about no one contact.")
segment_changed = Event("contacts", "segment.changed", data=SegmentChanged, about="It is about no one contact.")
segment_deleted = Event("contacts", "segment.deleted", data=SegmentTold, about="It is about no one contact.")
segment_entered = Event(
    "contacts", "segment.entered", data=Passage, personal=("cause",), about="A contact matches from now on."
)
segment_left = Event(
    "contacts", "segment.left", data=Passage, personal=("cause",), about="A contact does not match any more."
)

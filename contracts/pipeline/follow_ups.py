"""Follow-ups: what somebody has to do about a lead, until when, and what came of it."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.billing.card_numbers import NoCardNumbers
from contracts.errors import Conflict, Invalid, Merged, NotFound, Stale, Unavailable
from contracts.language import Boolean, Changes, Event, Id, Moment, PageRequest, Rpc, Schema, Sort, Text, page_of

CHANNELS = ("call", "email", "sms", "visit", "other")
STATES = ("open", "done", "cancelled", "stopped")
"""`cancelled` by a person; `stopped`: the contact was archived or became a customer. Only `open` ever changes."""


class Title(Text):
    """What is to be done, in a line."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(min=1, max=200, **kwargs)  # type: ignore[arg-type]


class FollowUp(Schema):
    """One task about one lead.

    With `follows_lead` it belongs to whoever has the lead, and goes along when the lead is given to somebody else;
    given to somebody by name it stays with them. `assigned_before` is who had it until it last changed hands.
    """

    id = Id(required=True)
    contact_id = Id(required=True)
    display_name = fields.String(required=True)
    title = fields.String(required=True)
    note = fields.String(required=True, allow_none=True)
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    due_at = Moment(required=True)
    overdue = Boolean(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    assigned_to = Id(required=True, allow_none=True)
    follows_lead = Boolean(required=True)
    assigned_before = Id(required=True, allow_none=True)
    outcome = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True, metadata={"description": "why it was cancelled or stopped"})
    ended_at = Moment(required=True, allow_none=True)
    ended_by = fields.String(required=True, allow_none=True)
    rule_id = Id(required=True, allow_none=True, metadata={"description": "the stage rule that made it"})
    created_at = Moment(required=True)
    created_by = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)


class AddFollowUp(NoCardNumbers):
    """Without `assigned_to` it belongs to whoever has the lead; `due_at` may lie in the past and is then overdue."""

    contact_id = Id(required=True)
    title = Title(required=True)
    due_at = Moment(required=True)
    channel = fields.String(load_default="call", validate=validate.OneOf(CHANNELS))
    note = Text(max=5000, multiline=True, allow_none=True)
    assigned_to = Id(allow_none=True)


class FollowUpId(Schema):
    follow_up_id = Id(required=True)


class ChangeFollowUp(FollowUpId, NoCardNumbers):
    """A merge-patch of an open one. `assigned_to: null` gives it back to whoever has the lead."""

    title = Title()
    due_at = Moment()
    channel = fields.String(validate=validate.OneOf(CHANNELS))
    note = Text(max=5000, multiline=True, allow_none=True)
    assigned_to = Id(allow_none=True)


class CompleteFollowUp(FollowUpId, NoCardNumbers):
    """`outcome`: what came of it."""

    outcome = Text(required=True, min=1, max=2000, multiline=True)


class CancelFollowUp(FollowUpId, NoCardNumbers):
    reason = Text(max=500, multiline=True, allow_none=True)


class ListFollowUps(PageRequest):
    """By when they are due. `overdue` are the open ones whose time is past; `due_before` excludes that moment."""

    assigned_to = Id()
    contact_id = Id()
    state = fields.String(validate=validate.OneOf(STATES))
    channel = fields.String(validate=validate.OneOf(CHANNELS))
    due_before = Moment()
    overdue = Boolean()
    sort = Sort("due", "-due")


class ListFollowUpsOfLead(PageRequest):
    contact_id = Id(required=True)
    state = fields.String(validate=validate.OneOf(STATES))
    sort = Sort("due", "-due")


add_follow_up = Rpc(
    "pipeline", "add_follow_up", needs="pipeline.write", takes=AddFollowUp, gives=FollowUp,
    raises=(Invalid, NotFound, Conflict, Merged, Unavailable),
    about="Refused for who is archived, or a customer already.",
)  # fmt: skip
get_follow_up = Rpc(
    "pipeline", "get_follow_up", needs="pipeline.read", takes=FollowUpId, gives=FollowUp, raises=(NotFound,),
    writes=False,
)  # fmt: skip
list_follow_ups = Rpc(
    "pipeline", "list_follow_ups", needs="pipeline.read", takes=ListFollowUps, gives=page_of(FollowUp),
    raises=(Invalid,), writes=False, about="Follow-ups of all leads, or of one assignee, by when they are due.",
)  # fmt: skip
list_follow_ups_of_lead = Rpc(
    "pipeline", "list_follow_ups_of_lead", needs="pipeline.read", takes=ListFollowUpsOfLead, gives=page_of(FollowUp),
    raises=(Invalid, NotFound, Merged, Unavailable), writes=False,
)  # fmt: skip
change_follow_up = Rpc(
    "pipeline", "change_follow_up", needs="pipeline.write", takes=ChangeFollowUp, gives=FollowUp,
    raises=(Invalid, NotFound, Conflict, Stale, Unavailable),
    about="Only an open one is changed. A new due time, or a new assignee of what is due, is reminded of anew.",
)  # fmt: skip
complete_follow_up = Rpc(
    "pipeline", "complete_follow_up", needs="pipeline.write", takes=CompleteFollowUp, gives=FollowUp,
    raises=(Invalid, NotFound, Conflict, Stale),
)  # fmt: skip
cancel_follow_up = Rpc(
    "pipeline", "cancel_follow_up", needs="pipeline.write", takes=CancelFollowUp, gives=FollowUp,
    raises=(Invalid, NotFound, Conflict, Stale), about="Cancelling twice is harmless.",
)  # fmt: skip


class FollowUpTold(Schema):
    """What every event of a follow-up says; `version` is the follow-up's own."""

    follow_up_id = Id(required=True)
    title = fields.String(required=True)
    channel = fields.String(required=True)
    due_at = Moment(required=True)
    assigned_to = Id(required=True, allow_none=True)
    version = fields.Integer(required=True)


class FollowUpCreated(FollowUpTold):
    """`rule_id`: the stage rule that made it, if one did."""

    rule_id = Id(required=True, allow_none=True)


class FollowUpChanged(FollowUpTold):
    changes = Changes()


class FollowUpCompleted(FollowUpTold):
    outcome = fields.String(required=True)


class FollowUpEnded(FollowUpTold):
    reason = fields.String(required=True, allow_none=True)


follow_up_created = Event(
    "pipeline", "follow_up.created", FollowUpCreated, about="Somebody has to do something about a lead.",
    personal=("title",),
)  # fmt: skip
follow_up_changed = Event(
    "pipeline", "follow_up.changed", FollowUpChanged, personal=("title", "changes"),
    about="A follow-up was changed by hand, or went to another team member together with its lead.",
)  # fmt: skip
follow_up_due = Event(
    "pipeline", "follow_up.due", FollowUpTold, personal=("title",),
    about="The time of an open follow-up has come; told once for each due time, and again to whom it is given then.",
)  # fmt: skip
follow_up_completed = Event("pipeline", "follow_up.completed", FollowUpCompleted, personal=("title", "outcome"))
follow_up_cancelled = Event("pipeline", "follow_up.cancelled", FollowUpEnded, personal=("title", "reason"))
follow_up_stopped = Event(
    "pipeline", "follow_up.stopped", FollowUpEnded, personal=("title",),
    about="The contact was archived or became a customer.",
)  # fmt: skip

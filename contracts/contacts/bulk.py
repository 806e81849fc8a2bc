"""Bulk actions: one thing done to many contacts, as a job."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from contracts.contacts.selections import SomeSelection
from contracts.contacts.tags import TagName
from contracts.contacts.words import LEAD_STATUSES, STANDINGS
from contracts.errors import Conflict, Forbidden, Invalid, NotFound
from contracts.language import Event, Id, Moment, Nothing, PageRequest, Rpc, Schema, Sort, Text, page_of

OUTCOMES = ("changed", "unchanged", "refused", "asked", "queued")
"""`asked` and `queued` are of messages only: handed over to be sent, and waiting to be sent."""
JOB_STATES = ("queued", "running", "done", "failed", "cancelled")


class WithTags(Schema):
    tags = fields.List(TagName(), required=True, validate=validate.Length(1, 20))


class WithGroup(Schema):
    group_id = Id(required=True)


class WithMember(Schema):
    assigned_to = Id(required=True, allow_none=True)


class WithStatus(Schema):
    lead_status = fields.String(required=True, validate=validate.OneOf(LEAD_STATUSES))


class WithField(Schema):
    """A custom field as `fields.<key>`, or one of the card that many may have alike; null takes its value away."""

    field = fields.String(
        required=True,
        validate=validate.Regexp(r"\A(fields\.[a-z0-9_]{1,60}|source|location|industry|gender)\Z"),
    )
    value = fields.Raw(required=True, allow_none=True)


class WithTemplate(Schema):
    template_id = Id(required=True)


class WithReason(Schema):
    reason = Text(max=500, load_default="")


PARAMETERS: dict[str, type[Schema]] = {
    "archive": WithReason,
    "restore": Nothing,
    "add_tags": WithTags,
    "remove_tags": WithTags,
    "add_to_group": WithGroup,
    "remove_from_group": WithGroup,
    "assign": WithMember,
    "set_lead_status": WithStatus,
    "set_field": WithField,
    "send_message": WithTemplate,
}
"""What each action wants to know."""


class StartBulk(Schema):
    """`parameters` by action: `reason`; `tags`; `group_id`; `assigned_to`; `lead_status`; `field` and `value`;
    `template_id`."""

    action = fields.String(required=True, validate=validate.OneOf(list(PARAMETERS)))
    selection = fields.Nested(SomeSelection, required=True)
    parameters = fields.Dict(keys=fields.String(), load_default=dict)

    @validates_schema
    def _judge_parameters(self, data: dict[str, Any], **_: Any) -> None:
        try:
            data["parameters"] = dict(PARAMETERS[data["action"]]().load(data["parameters"]))
        except ValidationError as problem:
            raise ValidationError({"parameters": problem.messages}) from None


class BulkStarted(Schema):
    """The job's id is the bulk action's."""

    id = Id(required=True)
    state = fields.String(required=True)


class BulkId(Schema):
    bulk_id = Id(required=True)


class ListBulk(PageRequest):
    """`started_by` is the id of a team member."""

    action = fields.String(validate=validate.OneOf(list(PARAMETERS)))
    state = fields.String(validate=validate.OneOf(JOB_STATES))
    started_by = Id()
    sort = Sort("newest", "oldest")


class Progress(Schema):
    """How many there were to come to when it began, and how many it has come to."""

    total = fields.Integer(required=True, allow_none=True)
    done = fields.Integer(required=True)


class BulkAction(Schema):
    """What was asked for, and how far it is; it is the job of the same id."""

    id = Id(required=True)
    action = fields.String(required=True)
    selection = fields.Dict(required=True)
    parameters = fields.Dict(required=True)
    started_at = Moment(required=True)
    started_by = fields.String(required=True, allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(JOB_STATES))
    reason = fields.String(required=True, allow_none=True, metadata={"description": "why it failed"})
    progress = fields.Nested(Progress, required=True)
    updated_at = Moment(required=True, metadata={"description": "of the last step, or of its end"})


Counts = Schema.from_dict({outcome: fields.Integer(required=True) for outcome in OUTCOMES}, name="BulkCounts")


class BulkActionInFull(BulkAction):
    """With how many contacts came to which outcome up to now."""

    counts = fields.Nested(Counts, required=True)


class ListBulkResults(PageRequest):
    """By contact: the order in which the action comes to them."""

    bulk_id = Id(required=True)
    outcome = fields.String(validate=validate.OneOf(OUTCOMES))
    sort = Sort("contact_id", "-contact_id")


class BulkResult(Schema):
    contact_id = Id(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    detail = fields.String(required=True, allow_none=True, metadata={"description": "why it was refused"})


start_bulk = Rpc(
    "contacts", "start_bulk", needs="contacts.write", takes=StartBulk, gives=BulkStarted,
    raises=(Invalid, NotFound, Conflict, Forbidden),
    about="Each contact once, with a result of its own; what is refused for one does not hold up the others. "
    "Everybody is meant only by `everybody: true`. Sending needs the permission to send messages as well, and passes "
    "over whom consent does not let us send that to. Archiving refuses whoever has dues, a payment that is pending, an "
    "active package or an upcoming booking, and names them all; whom it archives can buy nothing from before it looks.",
)  # fmt: skip
get_bulk = Rpc(
    "contacts", "get_bulk", needs="contacts.read", takes=BulkId, gives=BulkActionInFull, raises=(NotFound,),
    writes=False, about="What was asked for, how far it is, and how many came to which outcome.",
)  # fmt: skip
cancel_bulk = Rpc(
    "contacts", "cancel_bulk", needs="contacts.write", takes=BulkId, gives=BulkActionInFull,
    raises=(NotFound, Conflict, Forbidden),
    about="Stop before the next contacts; what was done stays done, and the results tell to whom. Whoever started it "
    "may, and who runs the place; cancelling twice is harmless.",
)  # fmt: skip
list_bulk = Rpc(
    "contacts", "list_bulk", needs="contacts.read", takes=ListBulk, gives=page_of(BulkAction), raises=(Invalid,),
    writes=False,
)  # fmt: skip
list_bulk_results = Rpc(
    "contacts", "list_bulk_results", needs="contacts.read", takes=ListBulkResults, gives=page_of(BulkResult),
    raises=(NotFound, Invalid), writes=False,
)  # fmt: skip


class GetStandings(Schema):
    """Of contacts that a step of a bulk action has come to: `step` is how many it had come to before."""

    bulk_id = Id(required=True)
    step = fields.Integer(required=True)
    contact_ids = fields.List(Id(), required=True, validate=validate.Length(max=1000))


class Standing(Schema):
    contact_id = Id(required=True)
    standing = fields.String(required=True, validate=validate.OneOf(STANDINGS))
    display_name = fields.String(required=True)
    version = fields.Integer(required=True)


class Standings(Schema):
    """`over`: the step is at work no longer, and whoever is not among the `items` is nobody that we know."""

    items = fields.List(fields.Nested(Standing), required=True)
    over = fields.Boolean(load_default=False)


get_standings = Rpc(
    "contacts", "get_standings", needs="system", takes=GetStandings, gives=Standings, writes=False,
    about="What became of these contacts in that step; of nobody while it is at work still.",
)  # fmt: skip


class MessageAsked(Schema):
    """Everything that is needed to send it, as of the moment when it was asked for."""

    bulk_id = Id(required=True)
    template_id = Id(required=True)
    display_name = Text(required=True, max=500)
    first_name = Text(required=True, max=200, allow_none=True)
    email = fields.String(required=True)
    version = fields.Integer(required=True)
    purpose = fields.String(allow_none=True, metadata={"description": "what the contact lets us send"})


message_asked = Event(
    "contacts", "message.asked", data=MessageAsked, personal=("display_name", "first_name", "email"),
    about="A bulk action wants a message sent to this contact, once.",
)  # fmt: skip

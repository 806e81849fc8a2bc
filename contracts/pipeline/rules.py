"""Stage rules: what happens by itself when a lead enters a stage, or stands in it too long."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from contracts.errors import Conflict, Invalid, NotFound, Stale, Unavailable
from contracts.language import Boolean, Changes, Event, Id, Moment, PageRequest, Rpc, Schema, Text, page_of
from contracts.pipeline.follow_ups import CHANNELS, Title

WHEN = ("entered", "stood_still")
DEEDS = ("create_follow_up", "assign", "notify")
RESULTS = ("done", "skipped")
LONGEST_HOURS = 24 * 3650


class CreateFollowUp(Schema):
    """A follow-up due `due_in_hours` after the rule runs; without `assigned_to` it goes with the lead."""

    title = Title(required=True)
    due_in_hours = fields.Integer(strict=True, load_default=24, validate=validate.Range(0, LONGEST_HOURS))
    channel = fields.String(load_default="call", validate=validate.OneOf(CHANNELS))
    note = Text(max=5000, multiline=True, allow_none=True)
    assigned_to = Id(allow_none=True)


class Assign(Schema):
    """Give the lead, and with it the contact, to a team member."""

    assigned_to = Id(required=True)


class Notify(Schema):
    """Write to a team member by e-mail; without `team_member_id`, to whoever has the lead."""

    message = Text(required=True, min=1, max=1000, multiline=True)
    team_member_id = Id(allow_none=True)


class Deed(Schema):
    """What a rule does: exactly one of these."""

    create_follow_up = fields.Nested(CreateFollowUp)
    assign = fields.Nested(Assign)
    notify = fields.Nested(Notify)

    @validates_schema
    def _is_one(self, data: dict[str, Any], **_: Any) -> None:
        if len(data) != 1:
            raise ValidationError(f"Say exactly one of {', '.join(DEEDS)}.")


def _after_hours(**options: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(1, LONGEST_HOURS), **options)


class StageRule(Schema):
    """`active_since`: it runs for what happens from then on, and not for who entered or stood too long before."""

    id = Id(required=True)
    name = fields.String(required=True)
    stage_id = Id(required=True)
    when = fields.String(required=True, validate=validate.OneOf(WHEN))
    after_hours = fields.Integer(required=True, allow_none=True)
    do = fields.Nested(Deed, required=True)
    paused = Boolean(required=True)
    active_since = Moment(required=True)
    created_at = Moment(required=True)
    version = fields.Integer(required=True)


class AddStageRule(Schema):
    """`after_hours` belongs to `stood_still`: so long after a lead entered the stage, if it is still there."""

    name = Text(required=True, min=1, max=100)
    stage_id = Id(required=True)
    when = fields.String(required=True, validate=validate.OneOf(WHEN))
    after_hours = _after_hours()
    do = fields.Nested(Deed, required=True)
    paused = Boolean(load_default=False)


class StageRuleId(Schema):
    rule_id = Id(required=True)


class ChangeStageRule(StageRuleId):
    """A merge-patch; its stage and `when` stay. `do` is replaced whole. Resumed, it goes by what happens then."""

    name = Text(min=1, max=100)
    after_hours = _after_hours()
    do = fields.Nested(Deed)
    paused = Boolean()


class ListStageRules(PageRequest):
    """The oldest first."""

    stage_id = Id()
    when = fields.String(validate=validate.OneOf(WHEN))
    paused = Boolean()


class ListRuleRuns(PageRequest):
    """The newest first."""

    rule_id = Id(required=True)
    contact_id = Id()
    result = fields.String(validate=validate.OneOf(RESULTS))


class RuleRun(Schema):
    """One run: a rule runs once for each time that a lead enters its stage. `entry` is the lead's version at that.

    `skipped` says why in `because`: the contact was archived or a customer by then, or nobody could be told.
    """

    rule_id = Id(required=True)
    rule_version = fields.Integer(required=True)
    contact_id = Id(required=True)
    display_name = fields.String(required=True)
    entry = fields.Integer(required=True)
    ran_at = Moment(required=True)
    deed = fields.String(required=True, validate=validate.OneOf(DEEDS))
    result = fields.String(required=True, validate=validate.OneOf(RESULTS))
    because = fields.String(required=True, allow_none=True)
    follow_up_id = Id(required=True, allow_none=True)
    team_member_id = Id(required=True, allow_none=True)


add_stage_rule = Rpc(
    "pipeline", "add_stage_rule", needs="pipeline.manage", takes=AddStageRule, gives=StageRule,
    raises=(Invalid, Conflict, Unavailable),
    about="A won stage has no rules: what is made for a lead stops when it is won.",
)  # fmt: skip
get_stage_rule = Rpc(
    "pipeline", "get_stage_rule", needs="pipeline.read", takes=StageRuleId, gives=StageRule, raises=(NotFound,),
    writes=False,
)  # fmt: skip
list_stage_rules = Rpc(
    "pipeline", "list_stage_rules", needs="pipeline.read", takes=ListStageRules, gives=page_of(StageRule),
    raises=(Invalid,), writes=False,
)  # fmt: skip
change_stage_rule = Rpc(
    "pipeline", "change_stage_rule", needs="pipeline.manage", takes=ChangeStageRule, gives=StageRule,
    raises=(Invalid, NotFound, Conflict, Stale, Unavailable), about="Change, pause or resume a rule.",
)  # fmt: skip
remove_stage_rule = Rpc(
    "pipeline", "remove_stage_rule", needs="pipeline.manage", takes=StageRuleId, raises=(NotFound, Stale),
    about="Take a rule away, with the log of what it did; what it made stays.",
)  # fmt: skip
list_rule_runs = Rpc(
    "pipeline", "list_rule_runs", needs="pipeline.read", takes=ListRuleRuns, gives=page_of(RuleRun),
    raises=(Invalid, NotFound), writes=False, about="What a rule did, or why not, for whom and when.",
)  # fmt: skip


class StageRuleTold(Schema):
    rule_id = Id(required=True)
    name = fields.String(required=True)
    version = fields.Integer(required=True)


class StageRuleChanged(StageRuleTold):
    changes = Changes()


class LeadFlagged(Schema):
    """A rule wants `team_member_id` to know of this lead."""

    rule_id = Id(required=True)
    name = fields.String(required=True)
    team_member_id = Id(required=True)
    message = fields.String(required=True)
    stage = fields.String(required=True)
    entry = fields.Integer(required=True)


stage_rule_added = Event("pipeline", "stage_rule.added", StageRuleTold, about="It is about no contact.")
stage_rule_changed = Event("pipeline", "stage_rule.changed", StageRuleChanged, about="It is about no contact.")
stage_rule_removed = Event("pipeline", "stage_rule.removed", StageRuleTold, about="It is about no contact.")
lead_flagged = Event(
    "pipeline", "lead.flagged", LeadFlagged, about="A stage rule tells a team member about a lead, by e-mail."
)  # fmt: skip

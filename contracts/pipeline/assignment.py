"""Assignment rules: who gets the leads that come in with nobody."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.errors import Conflict, Invalid, NotFound, Stale, Unavailable
from contracts.language import Boolean, Changes, Event, Id, Moment, PageRequest, Rpc, Schema, Text, page_of

STRATEGIES = ("round_robin", "least_loaded")


def _members(**options: object) -> fields.List:
    return fields.List(Id(), validate=validate.Length(1, 100), **options)  # type: ignore[arg-type]


class AssignmentRule(Schema):
    """The first rule that fits a lead and has somebody who still works here decides.

    `round_robin` goes by turns in the order of `team_member_ids`; `least_loaded` takes who has the fewest leads in open
    stages. `source`, in whatever letter case, and `location`, the key of one: of which leads, null for all.
    """

    id = Id(required=True)
    name = fields.String(required=True)
    strategy = fields.String(required=True, validate=validate.OneOf(STRATEGIES))
    team_member_ids = _members(required=True)
    source = fields.String(required=True, allow_none=True)
    location = fields.String(required=True, allow_none=True)
    paused = Boolean(required=True)
    created_at = Moment(required=True)
    version = fields.Integer(required=True)


class AddAssignmentRule(Schema):
    """`after` is the rule that it stands behind; without it, it is the last one. `location` is the name or key of one,
    or any text while the business has none."""

    name = Text(required=True, min=1, max=100)
    strategy = fields.String(required=True, validate=validate.OneOf(STRATEGIES))
    team_member_ids = _members(required=True)
    source = Text(min=1, max=100, allow_none=True)
    location = Text(min=1, max=100, allow_none=True)
    paused = Boolean(load_default=False)
    after = Id()


class AssignmentRuleId(Schema):
    rule_id = Id(required=True)


class ChangeAssignmentRule(AssignmentRuleId):
    """A merge-patch. `after: null` puts the rule first."""

    name = Text(min=1, max=100)
    strategy = fields.String(validate=validate.OneOf(STRATEGIES))
    team_member_ids = _members()
    source = Text(min=1, max=100, allow_none=True)
    location = Text(min=1, max=100, allow_none=True)
    paused = Boolean()
    after = Id(allow_none=True)


class ListAssignmentRules(PageRequest):
    """In the order in which they are tried."""

    paused = Boolean()


class ListChoices(PageRequest):
    """The newest first."""

    rule_id = Id(required=True)
    team_member_id = Id()


class Choice(Schema):
    """Whom a rule chose for a lead; from then on the lead may have gone to others."""

    contact_id = Id(required=True)
    rule_id = Id(required=True)
    team_member_id = Id(required=True)
    chosen_at = Moment(required=True)


add_assignment_rule = Rpc(
    "pipeline", "add_assignment_rule", needs="pipeline.manage", takes=AddAssignmentRule, gives=AssignmentRule,
    raises=(Invalid, Conflict, Unavailable),
    about="It is applied to leads that come in with nobody from then on, such as public signups.",
)  # fmt: skip
get_assignment_rule = Rpc(
    "pipeline", "get_assignment_rule", needs="pipeline.read", takes=AssignmentRuleId, gives=AssignmentRule,
    raises=(NotFound,), writes=False,
)  # fmt: skip
list_assignment_rules = Rpc(
    "pipeline", "list_assignment_rules", needs="pipeline.read", takes=ListAssignmentRules,
    gives=page_of(AssignmentRule), raises=(Invalid,), writes=False,
)  # fmt: skip
change_assignment_rule = Rpc(
    "pipeline", "change_assignment_rule", needs="pipeline.manage", takes=ChangeAssignmentRule, gives=AssignmentRule,
    raises=(Invalid, NotFound, Conflict, Stale, Unavailable),
)  # fmt: skip
remove_assignment_rule = Rpc(
    "pipeline", "remove_assignment_rule", needs="pipeline.manage", takes=AssignmentRuleId, raises=(NotFound, Stale),
    about="Whoever it gave a lead to keeps it.",
)  # fmt: skip
list_choices = Rpc(
    "pipeline", "list_choices", needs="pipeline.read", takes=ListChoices, gives=page_of(Choice),
    raises=(Invalid, NotFound), writes=False, about="Whom a rule chose for which lead, and when.",
)  # fmt: skip


class AssignmentRuleTold(Schema):
    rule_id = Id(required=True)
    name = fields.String(required=True)
    version = fields.Integer(required=True)


class AssignmentRuleChanged(AssignmentRuleTold):
    changes = Changes()


_OF_NOBODY = "It is about no contact."
assignment_rule_added = Event("pipeline", "assignment_rule.added", AssignmentRuleTold, about=_OF_NOBODY)
assignment_rule_changed = Event("pipeline", "assignment_rule.changed", AssignmentRuleChanged, about=_OF_NOBODY)
assignment_rule_removed = Event("pipeline", "assignment_rule.removed", AssignmentRuleTold, about=_OF_NOBODY)

"""Leads on the board: where each stands, whose it is, and every move it made."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.billing.card_numbers import NoCardNumbers
from contracts.contacts.filters import FilterText
from contracts.contacts.words import LEAD_STATUSES
from contracts.currencies import currency_code
from contracts.errors import Conflict, Forbidden, Invalid, Merged, NotFound, Stale, Unavailable
from contracts.language import Boolean, Event, Id, Moment, Money, PageRequest, Rpc, Schema, Sort, Text, page_of
from contracts.pipeline.stages import KINDS


class Card(Schema):
    """A lead as the board shows it. `age_days` counts whole days in its stage; `overdue`: longer than allowed there."""

    contact_id = Id(required=True)
    display_name = fields.String(required=True)
    stage_id = Id(required=True)
    assigned_to = Id(required=True, allow_none=True)
    status = fields.String(required=True, validate=validate.OneOf(LEAD_STATUSES))
    source = fields.String(required=True, allow_none=True)
    value = fields.Nested(Money, required=True, allow_none=True)
    entered_stage_at = Moment(required=True)
    age_days = fields.Integer(required=True)
    overdue = Boolean(required=True)


class Lead(Card):
    """A lead whole. `expected_package` is what they may buy, in words."""

    stage = fields.String(required=True)
    stage_kind = fields.String(required=True)
    location = fields.String(required=True, allow_none=True)
    expected_package = fields.String(required=True, allow_none=True)
    entered_at = Moment(required=True)
    version = fields.Integer(required=True)


class OneLead(Schema):
    """The lead of one contact."""

    contact_id = Id(required=True)


class MoveLead(NoCardNumbers):
    """Where to: a stage and, in it, the place right `before` or right `after` another contact's card (else on top)."""

    contact_id = Id(required=True)
    stage_id = Id(required=True)
    before = Id()
    after = Id()
    reason = Text(max=500, multiline=True)


class AssignLead(Schema):
    """The team member who takes care of the lead from now on."""

    contact_id = Id(required=True)
    assigned_to = Id(required=True)


class LeadValue(Money):
    """What a lead may be worth."""

    currency = currency_code(required=True)


class ChangeLead(Schema):
    """What is sent is changed, null empties. Status, source and location are the contact's and are changed there."""

    contact_id = Id(required=True)
    expected_package = Text(min=1, max=200, allow_none=True)
    value = fields.Nested(LeadValue, allow_none=True)


MOST_MATCHING = 10_000


class Which(Schema):
    """Which leads: of one assignee, or source, or location by its name or key, in whatever letter case; standing in
    their stage for `older_than_days` or more; in a segment, which is a saved filter over everything that is known of
    contacts, or found by a filter that is not."""

    assigned_to = Id()
    source = Text(min=1, max=100)
    location = Text(min=1, max=100)
    older_than_days = fields.Integer(validate=validate.Range(0, 36500))
    segment_id = Id()
    filter = FilterText(
        metadata={
            "description": "URL-encoded JSON, a group of rules over contacts as `GET /v1/filter-fields` tells them; "
            f"one that finds more than {MOST_MATCHING} contacts has to be saved as a segment"
        }
    )


class Filters(Which, PageRequest):
    """Which leads, in pages."""


class ListLeads(Filters):
    """A page of one stage's leads, in the order of the board."""

    stage_id = Id(required=True)


class FindLeads(Filters):
    """Leads of all stages, the longest untouched first.

    `untouched`: nobody did anything with them for the follow-up window of the settings, while they stand in an open
    stage and are not archived. They are to be looked through for archiving, which contacts does, in bulk.
    """

    kind = fields.String(validate=validate.OneOf(KINDS))
    untouched = Boolean()
    sort = Sort("untouched", "-untouched")


class FoundLead(Card):
    """`touched_at`: somebody last wrote, called, noted, booked, ordered, moved the card, or settled a follow-up."""

    touched_at = Moment(required=True)
    untouched_days = fields.Integer(required=True)


class ListMoves(PageRequest):
    """A page of one lead's moves, newest first."""

    contact_id = Id(required=True)
    sort = Sort("newest", "oldest")


class Move(Schema):
    """One move; `by` is who moved it, or entered, sold or took back what did, null when a service did so by itself;
    `version` is the lead's after it."""

    version = fields.Integer(required=True)
    moved_at = Moment(required=True)
    by = fields.String(required=True, allow_none=True)
    by_name = fields.String(required=True, allow_none=True)
    from_stage_id = Id(required=True, allow_none=True)
    from_stage = fields.String(required=True, allow_none=True)
    to_stage_id = Id(required=True)
    to_stage = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)


get_lead = Rpc(
    "pipeline",
    "get_lead",
    needs="pipeline.read",
    takes=OneLead,
    gives=Lead,
    raises=(NotFound, Merged, Unavailable),
    writes=False,
    about="One lead; its contact may have been created a moment ago.",
)
list_leads = Rpc(
    "pipeline",
    "list_leads",
    needs="pipeline.read",
    takes=ListLeads,
    gives=page_of(Card),
    raises=(Invalid, Unavailable, Forbidden),
    writes=False,
    about="The leads of one stage, in the order of the board.",
)
find_leads = Rpc(
    "pipeline",
    "find_leads",
    needs="pipeline.read",
    takes=FindLeads,
    gives=page_of(FoundLead),
    raises=(Invalid, Unavailable, Forbidden),
    writes=False,
    about="Leads of all stages by when they were touched last; `untouched=true` lists those past the follow-up window.",
)
list_moves = Rpc(
    "pipeline",
    "list_moves",
    needs="pipeline.read",
    takes=ListMoves,
    gives=page_of(Move),
    writes=False,
    about="Every move of one lead, newest first: who, when, from, to, reason.",
)
move_lead = Rpc(
    "pipeline",
    "move_lead",
    needs="pipeline.write",
    takes=MoveLead,
    gives=Lead,
    raises=(Invalid, NotFound, Conflict, Merged, Stale, Unavailable),
    about="Move a lead to a stage. Into and out of Won it goes by itself: only a paid package wins.",
)
assign_lead = Rpc(
    "pipeline",
    "assign_lead",
    needs="pipeline.write",
    takes=AssignLead,
    gives=Lead,
    raises=(Invalid, NotFound, Conflict, Merged, Stale, Unavailable),
    about="Give a lead to a team member; the contact is theirs from then on.",
)
change_lead = Rpc(
    "pipeline",
    "change_lead",
    needs="pipeline.write",
    takes=ChangeLead,
    gives=Lead,
    raises=(Invalid, NotFound, Conflict, Merged, Stale, Unavailable),
    about="Change what a lead is expected to buy, and for how much.",
)


class LeadEntered(Schema):
    """`lead_id` is the contact's id: a contact is one lead at most. `version` is the lead's own."""

    lead_id = Id(required=True)
    stage_id = Id(required=True)
    stage = fields.String(required=True)
    assigned_to = Id(required=True, allow_none=True)
    source = fields.String(allow_none=True)
    version = fields.Integer(required=True)


class LeadMoved(Schema):
    """`stage_id` is that of `to_stage`; `by` is the name of who moved it, or sold or took back what did, null when a
    service did so by itself."""

    from_stage = fields.String(required=True)
    to_stage = fields.String(required=True)
    from_stage_id = Id(required=True)
    stage_id = Id(required=True)
    reason = fields.String(required=True, allow_none=True)
    by = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)


class LeadAssigned(Schema):
    """`before` is who had it until now."""

    assigned_to = Id(required=True, allow_none=True)
    before = Id(required=True, allow_none=True)
    version = fields.Integer(required=True)


class LeadChanged(Schema):
    """`changes`: `{field: {"before": …, "after": …}}`."""

    changes = fields.Dict(keys=fields.String(), required=True)
    version = fields.Integer(required=True)


class LeadWon(Schema):
    """`reason` is what made them a customer."""

    reason = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)


class LeadReopened(Schema):
    """`stage_id` and `stage`: where it stood before it was won, and stands again."""

    reason = fields.String(required=True, allow_none=True)
    stage_id = Id(required=True)
    stage = fields.String(required=True)
    version = fields.Integer(required=True)


lead_entered = Event("pipeline", "lead.entered", LeadEntered, about="A lead came onto the board.")
lead_moved = Event("pipeline", "lead.moved", LeadMoved, about="A lead went from one stage to another.")
lead_assigned = Event("pipeline", "lead.assigned", LeadAssigned, about="A lead was given to a team member.")
lead_changed = Event("pipeline", "lead.changed", LeadChanged, about="What a lead is expected to buy changed.")
lead_won = Event("pipeline", "lead.won", LeadWon, about="A lead became a customer.")
lead_reopened = Event("pipeline", "lead.reopened", LeadReopened, about="What had won a lead was reversed.")

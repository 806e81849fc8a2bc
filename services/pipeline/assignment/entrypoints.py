"""The doors of assignment."""

from __future__ import annotations

from chassis.entrypoints import Room, does, hears_many, serves
from contracts.pipeline import assignment, leads
from services.pipeline.assignment import actions, handing_over, queries, reactions


class Assignment(Room):
    add_assignment_rule = serves(assignment.add_assignment_rule, actions.add_assignment_rule)
    get_assignment_rule = serves(assignment.get_assignment_rule, queries.get_assignment_rule)
    list_assignment_rules = serves(assignment.list_assignment_rules, queries.list_assignment_rules)
    change_assignment_rule = serves(assignment.change_assignment_rule, actions.change_assignment_rule)
    remove_assignment_rule = serves(assignment.remove_assignment_rule, actions.remove_assignment_rule)
    list_choices = serves(assignment.list_choices, queries.list_choices)
    assign_newcomers = hears_many([leads.lead_entered], reactions.assign_newcomers)
    hand_over_leads = does(
        handing_over.HAND_OVER, handing_over.note_hand_over, asks=handing_over.ask_for_hand_over
    )  # fmt: skip

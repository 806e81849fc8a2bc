"""The doors of the stage rules."""

from __future__ import annotations

from chassis.entrypoints import MANY, Room, hears_many, serves, ticks
from contracts.pipeline import leads, rules
from services.pipeline.rules import actions, queries, reactions


class StageRules(Room):
    add_stage_rule = serves(rules.add_stage_rule, actions.add_stage_rule)
    get_stage_rule = serves(rules.get_stage_rule, queries.get_stage_rule)
    list_stage_rules = serves(rules.list_stage_rules, queries.list_stage_rules)
    change_stage_rule = serves(rules.change_stage_rule, actions.change_stage_rule)
    remove_stage_rule = serves(rules.remove_stage_rule, actions.remove_stage_rule)
    list_rule_runs = serves(rules.list_rule_runs, queries.list_rule_runs)
    run_rules_on_entering = hears_many([leads.lead_entered, leads.lead_moved], reactions.run_on_entering, most=MANY)
    run_rules_on_standing_still = ticks(2, reactions.run_on_standing_still)

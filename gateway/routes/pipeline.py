"""The pipeline on the web: the board, its stages and their rules, the leads and what is to be done about them."""

from contracts.pipeline import assignment, board, follow_ups, leads, rules, stages
from gateway.routes.table import delete, get, patch, post

ROUTES = [
    get("/board", board.get_board),
    get("/stages", stages.list_stages),
    post("/stages", stages.add_stage, status=201),
    patch("/stages/<stage_id>", stages.change_stage),
    delete("/stages/<stage_id>", stages.remove_stage),
    get("/stages/<stage_id>/leads", leads.list_leads),
    get("/leads", leads.find_leads),
    get("/leads/<contact_id>", leads.get_lead),
    patch("/leads/<contact_id>", leads.change_lead),
    post("/leads/<contact_id>/move", leads.move_lead),
    post("/leads/<contact_id>/assign", leads.assign_lead),
    get("/leads/<contact_id>/moves", leads.list_moves),
    get("/leads/<contact_id>/follow-ups", follow_ups.list_follow_ups_of_lead),
    post("/leads/<contact_id>/follow-ups", follow_ups.add_follow_up, makes="/follow-ups/{id}"),
    get("/follow-ups", follow_ups.list_follow_ups),
    get("/follow-ups/<follow_up_id>", follow_ups.get_follow_up),
    patch("/follow-ups/<follow_up_id>", follow_ups.change_follow_up),
    post("/follow-ups/<follow_up_id>/complete", follow_ups.complete_follow_up),
    post("/follow-ups/<follow_up_id>/cancel", follow_ups.cancel_follow_up),
    get("/stage-rules", rules.list_stage_rules),
    post("/stage-rules", rules.add_stage_rule, makes="/stage-rules/{id}"),
    get("/stage-rules/<rule_id>", rules.get_stage_rule),
    patch("/stage-rules/<rule_id>", rules.change_stage_rule),
    delete("/stage-rules/<rule_id>", rules.remove_stage_rule),
    get("/stage-rules/<rule_id>/runs", rules.list_rule_runs),
    get("/assignment-rules", assignment.list_assignment_rules),
    post("/assignment-rules", assignment.add_assignment_rule, makes="/assignment-rules/{id}"),
    get("/assignment-rules/<rule_id>", assignment.get_assignment_rule),
    patch("/assignment-rules/<rule_id>", assignment.change_assignment_rule),
    delete("/assignment-rules/<rule_id>", assignment.remove_assignment_rule),
    get("/assignment-rules/<rule_id>/assignments", assignment.list_assignments),
]

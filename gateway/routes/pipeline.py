"""The pipeline on the web: the board, its stages, the leads."""

from contracts.pipeline import board, leads, stages
from gateway.routes.table import delete, get, patch, post

ROUTES = [
    get("/board", board.get_board),
    get("/stages", stages.list_stages),
    post("/stages", stages.add_stage, status=201),
    patch("/stages/<stage_id>", stages.change_stage),
    delete("/stages/<stage_id>", stages.remove_stage),
    get("/stages/<stage_id>/leads", leads.list_leads),
    get("/leads/<contact_id>", leads.get_lead),
    patch("/leads/<contact_id>", leads.change_lead),
    post("/leads/<contact_id>/move", leads.move_lead),
    post("/leads/<contact_id>/assign", leads.assign_lead),
    get("/leads/<contact_id>/moves", leads.list_moves),
]

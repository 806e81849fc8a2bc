"""Taking a stage off the board: no lead that is at work loses its place by it, and those at rest find another."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text, cast, exists, func, insert, literal, select, update

from contracts.errors import Conflict, NotFound
from contracts.pipeline import leads, stages as told
from services.pipeline.leads.model import Lead, Move
from services.pipeline.stages.actions import stages_to_configure
from services.pipeline.stages.model import Stage

_leads: Any = Lead.__table__
_moves: Any = Move.__table__


def remove_stage(work: Any, request: Any) -> dict[str, Any]:
    """Take a stage off the board; what leads did in it keeps its name. Who is archived goes to the one beside it."""
    stages = stages_to_configure(work)
    stage = stages.get(request.stage_id)
    if stage is None:
        raise NotFound("There is no such stage.")
    work.expect(stage.version)
    beside = stages.beside(stage)
    if beside is None:
        raise Conflict(f"{stage.name} is the last {stage.kind} stage, and the board needs one.")
    work.session.refresh(stage, with_for_update=True)  # waits for whoever is about to move a lead into it
    at_work = exists().where(Lead.stage_id == stage.id, Lead.standing == "active")
    if work.session.scalar(select(at_work)):
        raise Conflict(f"Leads stand in {stage.name}. Move them to another stage first.")
    _move_who_rests(work, stage, beside)
    work.session.delete(stage)
    work.record(told.stage_removed, None, **stage.told)
    return {}


def _move_who_rests(work: Any, stage: Stage, beside: Stage) -> None:
    """Move those who are archived, each with a move of its own: perhaps very many, so only their ids come by here."""
    between = {"from_stage": stage.name, "to_stage": beside.name, "reason": f"{stage.name} was taken off the board."}
    by = {"by": work.actor.id, "by_name": work.actor.name or None, "moved_at": work.now}
    moved = (
        update(_leads)
        .where(_leads.c.stage_id == stage.id)
        .values(stage_id=beside.id, entered_stage_at=work.now, version=_leads.c.version + 1)
        .returning(_leads.c.contact_id, _leads.c.version)
        .cte("moved")
    )
    alike = between | by | {"from_stage_id": stage.id, "to_stage_id": beside.id}
    values = [literal(value, _moves.c[name].type) for name, value in alike.items()]
    of_each = select(moved.c.contact_id, moved.c.version, *values)
    kept = insert(_moves).from_select(["contact_id", "version", *alike], of_each).returning(literal(1)).cte("kept")
    gone = select(moved.c.version, func.array_agg(cast(moved.c.contact_id, Text))).group_by(moved.c.version)
    said = between | {"from_stage_id": stage.id, "stage_id": beside.id, "by": work.actor.name or None}
    for version, contact_ids in work.session.execute(gone.add_cte(kept)):
        work.record_alike(leads.lead_moved, contact_ids, **said, version=version)

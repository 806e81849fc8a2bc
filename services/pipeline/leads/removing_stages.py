"""Taking a stage off the board: no lead that is at work loses its place by it, and those at rest find another."""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists, select, update

from chassis.rows import insert_rows
from contracts.errors import Conflict, NotFound
from contracts.pipeline import leads, stages as told
from services.pipeline.leads.model import Lead, Move
from services.pipeline.stages.actions import stages_to_configure
from services.pipeline.stages.model import Stage


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
    """Move those who are archived in one statement, each with a move of its own."""
    moving = (
        update(Lead)
        .where(Lead.stage_id == stage.id)
        .values(stage_id=beside.id, entered_stage_at=work.now, version=Lead.version + 1)
        .returning(Lead.contact_id, Lead.version)
    )
    gone = work.session.execute(moving.execution_options(synchronize_session=False)).all()
    between = {"from_stage": stage.name, "to_stage": beside.name, "reason": f"{stage.name} was taken off the board."}
    by = {"by": work.actor.id, "by_name": work.actor.name or None}
    ids = {"from_stage_id": stage.id, "to_stage_id": beside.id}
    moves = [{"contact_id": row.contact_id, "version": row.version, "moved_at": work.now} for row in gone]
    insert_rows(work.session, Move.__table__, [move | between | by | ids for move in moves])
    said = between | {"from_stage_id": stage.id, "stage_id": beside.id, "by": work.actor.name or None}
    work.record_many(leads.lead_moved, [(row.contact_id, said | {"version": row.version}) for row in gone])

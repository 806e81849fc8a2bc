"""Taking a stage off the board: at once for everybody at work, and then, as a job, out of the way of those at rest."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text, cast, exists, func, insert, literal, select, update

from chassis.jobs import Job
from chassis.tables import jobs
from chassis.work import Work
from contracts.errors import Conflict, NotFound
from contracts.language import Request
from contracts.pipeline import leads, stages as told
from services.pipeline.leads.model import Lead, Move
from services.pipeline.stages.actions import stages_to_configure
from services.pipeline.stages.model import Stage
from services.pipeline.stages.queries import all_stages

CLEAR = "clear_stage"
AT_ONCE = 1000
_leads: Any = Lead.__table__
_moves: Any = Move.__table__


def remove_stage(work: Work, request: Request) -> dict[str, Any]:
    """Take a stage off the board; what leads did in it keeps its name. Who is archived goes to the one beside it."""
    stages = stages_to_configure(work)
    stage = stages.get(request.stage_id)
    if stage is None:
        raise NotFound("There is no such stage.")
    work.expect(stage.version)
    if stages.beside(stage) is None:
        raise Conflict(f"{stage.name} is the last {stage.kind} stage, and the board needs one.")
    work.session.refresh(stage, with_for_update=True)  # waits for whoever is about to move a lead into it
    at_work = exists().where(Lead.stage_id == stage.id, Lead.standing == "active")
    if work.session.scalar(select(at_work)):
        raise Conflict(f"Leads stand in {stage.name}. Move them to another stage first.")
    if work.session.scalar(select(exists().where(Lead.stage_id == stage.id))):
        stage.leaving_since = work.now
        work.start_job(CLEAR, {"stage_id": stage.id})
    else:
        work.session.delete(stage)
    work.record(told.stage_removed, None, **stage.told)
    return {}


def clear_stage(work: Work, job: Job) -> None:
    """Move the next ones who stand in a stage that is off the board, and forget the stage after the last."""
    stage: Stage | None = work.session.get(Stage, job.input["stage_id"], with_for_update=True)  # before its leads
    if stage is None:
        job.finish(**job.progress)
        return
    beside = all_stages(work.session).beside(stage)
    assert beside is not None  # the last of a kind does not leave
    moved = _move_some(work, stage, beside)
    job.progress = {"moved": job.progress.get("moved", 0) + moved}
    if not moved:
        work.session.delete(stage)
        job.finish(**job.progress)


def resume_clearing(work: Work) -> None:
    """Begin anew where a job gave up: nobody stays in a stage that is not shown."""
    at_work = exists().where(
        jobs.c.kind == CLEAR,
        jobs.c.state.in_(("queued", "running")),
        jobs.c.input["stage_id"].astext == cast(Stage.id, Text),
    )
    for stage_id in work.session.scalars(select(Stage.id).where(Stage.leaving_since.is_not(None), ~at_work)):
        work.start_job(CLEAR, {"stage_id": stage_id})


def _move_some(work: Work, stage: Stage, beside: Stage) -> int:
    """Move the next ones, each with a move of its own; only their ids come by here."""
    between = {"from_stage": stage.name, "to_stage": beside.name, "reason": f"{stage.name} was taken off the board."}
    by = {"by": work.actor.id, "by_name": work.actor.name or None, "moved_at": work.now}
    here = select(_leads.c.contact_id).where(_leads.c.stage_id == stage.id)
    next_ones = here.order_by(_leads.c.contact_id).limit(AT_ONCE).with_for_update().cte("next_ones")
    moved = (
        update(_leads)
        .where(_leads.c.contact_id == next_ones.c.contact_id)
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
    count = 0
    for version, contact_ids in work.session.execute(gone.add_cte(kept)):
        work.record_alike(leads.lead_moved, contact_ids, **said, version=version)
        count += len(contact_ids)
    return count

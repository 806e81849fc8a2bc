"""Configuring the board."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from chassis.ids import new_id
from chassis.rows import set_on
from contracts.errors import Conflict, Invalid, NotFound
from contracts.pipeline import stages as told
from services.pipeline.stages.model import Stage
from services.pipeline.stages.queries import all_stages
from services.pipeline.stages.rules import Stages


def add_stage(work: Any, request: Any) -> Stage:
    stages = stages_to_configure(work)
    _refuse_taken_name(stages, request.name)
    before_it = _stage_of(stages, request.after) if request.after else stages.last_of(request.kind)
    stage = Stage(
        id=new_id(),
        name=request.name,
        kind=request.kind,
        rank=stages.rank_behind(before_it),
        time_allowed_days=request.time_allowed_days,
        version=1,
    )
    work.session.add(stage)
    work.record(told.stage_added, None, **stage.told)
    return stage


def change_stage(work: Any, request: Any) -> Stage:
    stages = stages_to_configure(work)
    stage = stages.get(request.stage_id)
    if stage is None:
        raise NotFound("There is no such stage.")
    work.expect(stage.version)
    if "name" in request:
        _refuse_taken_name(stages, request.name, but=stage)
    before = [each.id for each in stages.in_order]
    if "after" in request:
        stage.rank = _rank_after(stages, stage, request.after)
    changes = set_on(stage, {name: request[name] for name in ("name", "time_allowed_days") if name in request})
    after = [each.id for each in Stages(stages.in_order).in_order]
    if after != before:
        changes["order"] = {"before": before, "after": after}
    if changes:
        stage.version += 1
        work.record(told.stage_changed, None, changes=changes, **stage.told)
    return stage


def stages_to_configure(work: Any) -> Stages:
    """Read the stages while nobody else configures them; leads come and go meanwhile."""
    work.session.execute(text("LOCK TABLE stages IN SHARE ROW EXCLUSIVE MODE"))
    return all_stages(work.session)


def _rank_after(stages: Stages, stage: Stage, after: str | None) -> Any:
    if after == stage.id:
        raise Invalid.field("/after", "A stage cannot stand behind itself.")
    return stages.rank_behind(_stage_of(stages, after) if after else None, moving=stage)


def _stage_of(stages: Stages, stage_id: str) -> Stage:
    stage = stages.get(stage_id)
    if stage is None:
        raise Invalid.field("/after", "There is no such stage.")
    return stage


def _refuse_taken_name(stages: Stages, name: str, but: Stage | None = None) -> None:
    for stage in stages.in_order:
        if stage is not but and stage.name.casefold() == name.casefold():
            raise Conflict(f"There is a stage {stage.name} already.", [{"pointer": "/name", "detail": "It is taken."}])

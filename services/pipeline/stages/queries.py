"""What can be asked of the stages."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.pages import narrowed, page_of
from contracts.errors import NotFound
from services.pipeline.stages.model import Stage
from services.pipeline.stages.rules import Stages


def list_stages(work: Any, request: Any) -> dict[str, Any]:
    on_board = select(Stage).where(Stage.leaving_since.is_(None))
    return page_of(work, narrowed(on_board, request, Stage.kind), (Stage.rank, Stage.id), request)


def get_stage(work: Any, request: Any) -> Stage:
    stage = all_stages(work.session).get(request.stage_id)
    if stage is None:
        raise NotFound("There is no such stage.")
    return stage


def all_stages(session: Session) -> Stages:
    return Stages(session.scalars(select(Stage)))


def stages_to_enter(session: Session) -> Stages:
    """All stages; none of them is taken off the board until this transaction ends."""
    return Stages(session.scalars(select(Stage).with_for_update(read=True, key_share=True)))

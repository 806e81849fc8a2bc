"""What can be asked of the stages."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.pages import page_of
from services.pipeline.stages.model import Stage
from services.pipeline.stages.rules import Stages


def list_stages(work: Any, request: Any) -> dict[str, Any]:
    return page_of(work, select(Stage), (Stage.rank, Stage.id), request)


def all_stages(session: Session) -> Stages:
    return Stages(session.scalars(select(Stage)))

"""The pipeline: the sum of its rooms."""

from __future__ import annotations

from chassis.service import Service
from services.pipeline.board.entrypoints import Board
from services.pipeline.leads.entrypoints import Leads
from services.pipeline.stages.entrypoints import Stages


class Pipeline(Stages, Leads, Board, Service):
    name = "pipeline"

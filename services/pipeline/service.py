"""The pipeline: the sum of its rooms."""

from __future__ import annotations

from chassis.service import Service
from services.acquaintance import KnownSettings
from services.pipeline.assignment.entrypoints import Assignment
from services.pipeline.board.entrypoints import Board
from services.pipeline.followups.entrypoints import FollowUps
from services.pipeline.leads.entrypoints import Leads
from services.pipeline.reports.entrypoints import Reports
from services.pipeline.rules.entrypoints import StageRules
from services.pipeline.sales.entrypoints import Sales
from services.pipeline.segments.entrypoints import KnownSegments
from services.pipeline.stages.entrypoints import Stages
from services.pipeline.team.entrypoints import KnownTeam


class Pipeline(
    Stages, Leads, FollowUps, Assignment, StageRules, Board, Sales, Reports,
    KnownTeam, KnownSegments, KnownSettings, Service,
):  # fmt: skip
    name = "pipeline"

"""The doors of the stages."""

from __future__ import annotations

from chassis.entrypoints import Room, serves
from contracts.pipeline import stages
from services.pipeline.stages import actions, queries


class Stages(Room):
    list_stages = serves(stages.list_stages, queries.list_stages)
    get_stage = serves(stages.get_stage, queries.get_stage)
    add_stage = serves(stages.add_stage, actions.add_stage)
    change_stage = serves(stages.change_stage, actions.change_stage)

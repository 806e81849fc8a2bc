"""The columns of the board: the stages that a lead passes through."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.errors import Conflict, Invalid, NotFound, Stale
from contracts.language import Changes, Event, Id, PageRequest, Rpc, Schema, Text, page_of

KINDS = ("open", "won", "lost")


class Stage(Schema):
    """One column of the board. `time_allowed_days` is how long a lead may stand in it before it is overdue."""

    id = Id(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    time_allowed_days = fields.Integer(required=True, allow_none=True)
    version = fields.Integer(required=True)


class AddStage(Schema):
    """`after` is the stage that it stands behind; without it, it stands behind the last one of its kind."""

    name = Text(required=True, min=1, max=60)
    kind = fields.String(load_default="open", validate=validate.OneOf(KINDS))
    time_allowed_days = fields.Integer(strict=True, allow_none=True, validate=validate.Range(1, 3650))
    after = Id()


class ListStages(PageRequest):
    """In the order of the board, all or those of a kind."""

    kind = fields.String(validate=validate.OneOf(KINDS))


class OneStage(Schema):
    """Names one stage."""

    stage_id = Id(required=True)


class ChangeStage(Schema):
    """What is sent is changed. `after: null` puts the stage first. The kind of a stage never changes."""

    stage_id = Id(required=True)
    name = Text(min=1, max=60)
    time_allowed_days = fields.Integer(strict=True, allow_none=True, validate=validate.Range(1, 3650))
    after = Id(allow_none=True)


list_stages = Rpc(
    "pipeline",
    "list_stages",
    needs="pipeline.read",
    takes=ListStages,
    gives=page_of(Stage),
    raises=(Invalid,),
    writes=False,
    about="All stages in the order of the board.",
)
get_stage = Rpc(
    "pipeline", "get_stage", needs="pipeline.read", takes=OneStage, gives=Stage, raises=(NotFound,), writes=False
)
add_stage = Rpc(
    "pipeline",
    "add_stage",
    needs="pipeline.manage",
    takes=AddStage,
    gives=Stage,
    raises=(Invalid, Conflict),
    about="Add a stage to the board; a name that is taken is refused.",
)
change_stage = Rpc(
    "pipeline",
    "change_stage",
    needs="pipeline.manage",
    takes=ChangeStage,
    gives=Stage,
    raises=(Invalid, NotFound, Conflict, Stale),
    about="Rename a stage, move it on the board, or change the time allowed in it.",
)
remove_stage = Rpc(
    "pipeline",
    "remove_stage",
    needs="pipeline.manage",
    takes=OneStage,
    raises=(NotFound, Conflict, Stale),
    about="Take a stage off the board; refused while a lead stands in it, and for the last one of its kind. Leads of "
    "archived contacts go to the stage of its kind beside it, in the moments that follow.",
)


class StageTold(Schema):
    """What every event of a stage says."""

    stage_id = Id(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    version = fields.Integer(required=True)


class StageChanged(StageTold):
    """`changes` of `name`, `time_allowed_days` and `order`, the ids of all stages as they stand."""

    changes = Changes()


stage_added = Event("pipeline", "stage.added", StageTold, about="It is about no contact.")
stage_changed = Event("pipeline", "stage.changed", StageChanged, about="It is about no contact.")
stage_removed = Event("pipeline", "stage.removed", StageTold, about="It is about no contact.")

"""The board: all stages with their figures and first cards, in one answer."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.errors import Forbidden, Invalid, Unavailable
from contracts.language import Id, Money, Rpc, Schema
from contracts.pipeline.leads import Card, Which
from contracts.pipeline.stages import KINDS


class GetBoard(Which):
    """The filters of `list_leads`; `limit` is the number of cards of each stage."""

    limit = fields.Integer(load_default=20, validate=validate.Range(1, 100))


class Column(Schema):
    """A stage with how many leads stand in it, what they may be worth by currency, and the first of them.

    `next` is the cursor for `list_leads` of this stage with the same filters, null when all are here.
    """

    stage_id = Id(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    time_allowed_days = fields.Integer(required=True, allow_none=True)
    count = fields.Integer(required=True)
    values = fields.List(fields.Nested(Money), required=True)
    leads = fields.List(fields.Nested(Card), required=True)
    next = fields.String(required=True, allow_none=True)


class Board(Schema):
    """The stages in their order."""

    stages = fields.List(fields.Nested(Column), required=True)


get_board = Rpc(
    "pipeline",
    "get_board",
    needs="pipeline.read",
    takes=GetBoard,
    gives=Board,
    raises=(Invalid, Unavailable, Forbidden),
    writes=False,
    about="All stages with counts, values and the first leads of each.",
)

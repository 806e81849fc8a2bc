"""Reports on the pipeline: how many leads convert, how long they stand, why they are won or lost, what is to come.

Days are those of the business's time zone, and both ends of a period belong to it. Won, lost and open is what a lead is
now: a sale that was reversed is none. A stage that was taken off the board counts as an open one.
"""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.errors import Invalid, Unavailable
from contracts.language import Id, Money, Rpc, Schema, Text

BY = ("stage", "source", "assignee", "location", "month", "week")
MOST_ROWS = 500


class Period(Schema):
    """Of which days, and which leads: source, and location by name or key, in whatever letter case; without `since`,
    the 90 days before `until`; without `until`, up to today."""

    since = fields.Date()
    until = fields.Date()
    assigned_to = Id()
    source = Text(min=1, max=100)
    location = Text(min=1, max=100)


class AskConversion(Period):
    """`stage`: leads that came into each stage in the period; else those that came onto the board in it, by what they
    are now, the biggest groups first, months and weeks (ISO) in their order."""

    by = fields.String(required=True, validate=validate.OneOf(BY))


class Days(Schema):
    """The days that an answer is about, and where they begin."""

    since = fields.Date(required=True)
    until = fields.Date(required=True)
    time_zone = fields.String(required=True)


class Conversion(Schema):
    """`rate` is won by leads. `archived` are those that were archived from an open stage; `open` are the rest.

    The key of a source or location is in lower case; the label of a source is as somebody typed it, that of a location
    its name.
    """

    key = fields.String(required=True, allow_none=True)
    label = fields.String(required=True, allow_none=True)
    leads = fields.Integer(required=True)
    won = fields.Integer(required=True)
    lost = fields.Integer(required=True)
    archived = fields.Integer(required=True)
    open = fields.Integer(required=True)
    rate = fields.Float(required=True)


class ConversionReport(Days):
    by = fields.String(required=True)
    items = fields.List(fields.Nested(Conversion), required=True)


class TimeInStage(Schema):
    """Stays that began in the period. Average and median are of those that ended, in hours; null where none did.

    `archived` are leads that were archived in the stage; `standing` are the rest, who are there now.
    """

    stage_id = Id(required=True)
    stage = fields.String(required=True)
    stays = fields.Integer(required=True)
    ended = fields.Integer(required=True)
    average_hours = fields.Float(required=True, allow_none=True)
    median_hours = fields.Float(required=True, allow_none=True)
    archived = fields.Integer(required=True)
    standing = fields.Integer(required=True)
    standing_average_hours = fields.Float(required=True, allow_none=True)


class TimeInStageReport(Days):
    items = fields.List(fields.Nested(TimeInStage), required=True)


class Outcome(Schema):
    """So many leads were won or lost in the period, and are still, for this reason; null where none was given.

    The reason is without its day, and in whatever letter case: `paid membership Gold`.
    """

    kind = fields.String(required=True, validate=validate.OneOf(("won", "lost")))
    reason = fields.String(required=True, allow_none=True)
    leads = fields.Integer(required=True)


class OutcomesReport(Days):
    items = fields.List(fields.Nested(Outcome), required=True)


class AskForecast(Schema):
    """`history_days`: how far back the stages' conversion is looked for."""

    history_days = fields.Integer(load_default=365, validate=validate.Range(1, 3650))
    assigned_to = Id()
    source = Text(min=1, max=100)
    location = Text(min=1, max=100)


class Expected(Schema):
    """What stands in an open stage now, and what may come of it: value x won / (won + lost), rounded down.

    Won and lost are the leads of the business that came into the stage within the history and are decided by now;
    without any, `rate` and `expected` are null. Archived leads are left out.
    """

    stage_id = Id(required=True)
    stage = fields.String(required=True)
    leads = fields.Integer(required=True)
    value = fields.Nested(Money, required=True)
    won = fields.Integer(required=True)
    lost = fields.Integer(required=True)
    rate = fields.Float(required=True, allow_none=True)
    expected = fields.Nested(Money, required=True, allow_none=True)


class ForecastReport(Schema):
    """One item for each open stage and currency; `expected` is the sum of those by currency."""

    items = fields.List(fields.Nested(Expected), required=True)
    expected = fields.List(fields.Nested(Money), required=True)


report_conversion = Rpc(
    "pipeline", "report_conversion", needs="pipeline.read", takes=AskConversion, gives=ConversionReport,
    raises=(Invalid, Unavailable), writes=False,
    about="Of how many leads how many were won, by stage, source, assignee or time.",
)  # fmt: skip
report_time_in_stage = Rpc(
    "pipeline", "report_time_in_stage", needs="pipeline.read", takes=Period, gives=TimeInStageReport,
    raises=(Invalid, Unavailable), writes=False, about="How long leads stand in each stage.",
)  # fmt: skip
report_outcomes = Rpc(
    "pipeline", "report_outcomes", needs="pipeline.read", takes=Period, gives=OutcomesReport,
    raises=(Invalid, Unavailable), writes=False, about="Why leads were won and lost, the most frequent reasons first.",
)  # fmt: skip
forecast = Rpc(
    "pipeline", "forecast", needs="pipeline.read", takes=AskForecast, gives=ForecastReport,
    raises=(Invalid, Unavailable), writes=False,
    about="What the leads on the board may be worth, by what became of earlier ones.",
)  # fmt: skip

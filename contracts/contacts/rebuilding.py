"""Making facts or the timeline anew from the logs of all services."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.errors import Invalid
from contracts.language import Id, Rpc, Schema

PROJECTIONS = ("facts", "timeline")


class Rebuild(Schema):
    projection = fields.String(required=True, validate=validate.OneOf(PROJECTIONS))


class Rebuilding(Schema):
    """The job that does it."""

    job_id = Id(required=True)
    state = fields.String(required=True)


rebuild = Rpc(
    "contacts", "rebuild", needs="system", takes=Rebuild, gives=Rebuilding, raises=(Invalid,),
    about="Reads and writes go on meanwhile. Asked again, it begins again, and the job before it fails.",
)  # fmt: skip

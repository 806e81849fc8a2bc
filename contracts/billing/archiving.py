"""What billing has against archiving contacts, and that nobody sells to them while they are."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.errors import Invalid
from contracts.language import Id, Rpc, Schema

MOST = 1000


class HoldForArchiving(Schema):
    """`held_by` is the bulk action that archives, `step` how many it has come to; of whom it `asks_about` it is told,
    and they are not held."""

    held_by = Id(required=True)
    step = fields.Integer(required=True)
    contact_ids = fields.List(Id(), required=True, validate=validate.Length(max=MOST))
    asks_about = fields.List(Id(), required=True, validate=validate.Length(max=MOST))


class Blocked(Schema):
    """Every blocker that billing knows, in sentences."""

    contact_id = Id(required=True)
    blockers = fields.List(fields.String(), required=True)


class HeldForArchiving(Schema):
    """Whom nothing stands against, and to whom nothing is sold until billing has asked what became of them."""

    held = fields.List(Id(), required=True)
    blocked = fields.List(fields.Nested(Blocked), required=True)


hold_for_archiving = Rpc(
    "billing", "hold_for_archiving", needs="system", takes=HoldForArchiving, gives=HeldForArchiving, raises=(Invalid,),
    about="Tell what stands against archiving these contacts, and hold all the others.",
)  # fmt: skip

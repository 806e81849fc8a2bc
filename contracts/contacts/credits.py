"""Credits: what is left of the credit packs that a contact paid for."""

from __future__ import annotations

from marshmallow import fields

from contracts.language import Event, Id, Schema


class CreditTold(Schema):
    """A credit of a pack; the pack's id is that of billing's assignment."""

    pack_id = Id(required=True)
    name = fields.String(required=True)
    booking_id = Id(required=True)
    left = fields.Integer(required=True, metadata={"description": "credits of this pack after it"})


class CreditsGranted(Schema):
    pack_id = Id(required=True)
    name = fields.String(required=True)
    credits = fields.Integer(required=True)
    left = fields.Integer(required=True)
    expires_on = fields.Date(allow_none=True, metadata={"description": "the last day that it can be used for"})


class CreditsTakenAway(Schema):
    pack_id = Id(required=True)
    name = fields.String(required=True)
    credits = fields.Integer(required=True)
    reason = fields.String(allow_none=True)


credit_used = Event("contacts", "credit.used", data=CreditTold, about="A booking used a credit.")
credit_returned = Event("contacts", "credit.returned", data=CreditTold, about="A booking gave its credit back.")
credits_granted = Event("contacts", "credits.granted", data=CreditsGranted, about="A credit pack was paid for.")
credits_taken_away = Event(
    "contacts", "credits.taken_away", data=CreditsTakenAway, about="What was left of a pack went with its reversal."
)

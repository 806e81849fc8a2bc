"""Credits: what is left of the credit packs that a contact paid for."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.errors import Invalid, Merged, NotFound
from contracts.language import Boolean, Event, Id, Moment, PageRequest, Rpc, Schema, Sort, page_of

ENTRY_KINDS = ("granted", "used", "returned", "taken_away")


class ListCredits(PageRequest):
    """The packs of a contact; `open`: whether anything is left of them that can be used today."""

    contact_id = Id(required=True)
    open = Boolean()
    sort = Sort("newest", "oldest")


class CreditPackId(Schema):
    pack_id = Id(required=True)


class ListCreditEntries(PageRequest):
    """The ledger of a contact's packs."""

    contact_id = Id(required=True)
    pack_id = Id()
    kind = fields.String(validate=validate.OneOf(ENTRY_KINDS))
    sort = Sort("newest", "oldest")


class CreditPack(Schema):
    """A pack that was paid for: `left` is the sum of its ledger. A reversed one has nothing left."""

    id = Id(required=True, metadata={"description": "billing's assignment"})
    contact_id = Id(required=True)
    name = fields.String(required=True)
    credits = fields.Integer(required=True)
    left = fields.Integer(required=True)
    expires_on = fields.Date(required=True, allow_none=True)
    reversed = Boolean(required=True)
    granted_at = Moment(required=True)


class CreditPacks(page_of(CreditPack)):  # type: ignore[misc]
    """`usable` counts what is left in all packs that can be used today."""

    usable = fields.Integer(required=True)


class CreditEntry(Schema):
    """One line of the ledger; `left` is what the pack had after it."""

    id = Id(required=True)
    pack_id = Id(required=True)
    kind = fields.String(required=True)
    credits = fields.Integer(required=True, metadata={"description": "what it adds; negative when it takes"})
    left = fields.Integer(required=True)
    booking_id = Id(required=True, allow_none=True)
    at = Moment(required=True)


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


list_credits = Rpc(
    "contacts", "list_credits", needs="bookings.read", takes=ListCredits, gives=CreditPacks,
    raises=(NotFound, Merged, Invalid), writes=False,
)  # fmt: skip
get_credit_pack = Rpc(
    "contacts", "get_credit_pack", needs="bookings.read", takes=CreditPackId, gives=CreditPack, raises=(NotFound,),
    writes=False,
)  # fmt: skip
list_credit_entries = Rpc(
    "contacts", "list_credit_entries", needs="bookings.read", takes=ListCreditEntries, gives=page_of(CreditEntry),
    raises=(NotFound, Merged, Invalid), writes=False,
)  # fmt: skip

credit_used = Event("contacts", "credit.used", data=CreditTold, about="A booking used a credit.")
credit_returned = Event("contacts", "credit.returned", data=CreditTold, about="A booking gave its credit back.")
credits_granted = Event("contacts", "credits.granted", data=CreditsGranted, about="A credit pack was paid for.")
credits_taken_away = Event(
    "contacts", "credits.taken_away", data=CreditsTakenAway, about="What was left of a pack went with its reversal."
)

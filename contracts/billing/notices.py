"""Notices: what the card provider sends by webhook. They only say where to look; the provider is asked what holds."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.errors import Invalid, NotFound
from contracts.language import PUBLIC, Boolean, Rpc, Schema, Text

LARGEST = 256 * 1024


class ProviderNotice(Schema):
    """The body as it came, and its `Stripe-Signature`."""

    payload = fields.String(required=True, validate=validate.Length(1, LARGEST))
    signature = fields.String(required=True, validate=validate.Length(max=2000))


class NoticeHeard(Schema):
    """It is kept; the same one again is harmless."""

    received = Boolean(required=True)


class BankAnswer(Schema):
    """The cardholder's word to the bank of the in-house test provider, in place of a bank's page."""

    client_secret = Text(required=True, min=1, max=300)
    approved = Boolean(required=True)


hear_provider = Rpc(
    "billing", "hear_provider", needs=PUBLIC, takes=ProviderNotice, gives=NoticeHeard, raises=(Invalid,),
    about="A webhook of the card provider, signed by it less than five minutes ago.",
)  # fmt: skip
answer_test_bank = Rpc(
    "billing", "answer_test_bank", needs=PUBLIC, takes=BankAnswer, gives=NoticeHeard, raises=(NotFound,),
    about="3-D Secure while RAPPORT_CARD_PROVIDER is `test`; otherwise there is no such bank.",
)  # fmt: skip

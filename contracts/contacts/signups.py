"""Signing up: the public door by which people come by themselves."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.billing.card_numbers import NoCardNumbers
from contracts.contacts.words import CHANNELS, PURPOSES
from contracts.errors import Invalid
from contracts.language import PUBLIC, Boolean, Event, Id, Rpc, Schema, Text

FROM_GATEWAY = {"filled_by": "gateway"}
"""The gateway writes this field over whatever the client sent; it is no part of the public API."""


class Agreed(Schema):
    """A box that was ticked, with the words beside it."""

    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    purpose = fields.String(required=True, validate=validate.OneOf(PURPOSES))
    granted = Boolean(load_default=True)
    text = Text(required=True, min=1, max=10_000, multiline=True)


class SignUp(NoCardNumbers):
    """Who signs up. With a `buddy_pass_code` or `referral_code` they come through whoever gave it to them.

    `website` has to stay empty: people do not see it, and whoever fills it in is none.
    """

    way = fields.String(
        load_default="website_signup", validate=validate.OneOf(("website_signup", "app_signup", "embedded_form"))
    )
    first_name = Text(required=True, min=1, max=100)
    last_name = Text(max=100)
    email = Text(max=254)
    phone = Text(max=60)
    birthday = fields.Date()
    location = Text(max=100)
    source = Text(max=100, metadata={"description": "the campaign or page that they came by"})
    referral_code = Text(max=50)
    buddy_pass_code = Text(max=50)
    consents = fields.List(fields.Nested(Agreed), validate=validate.Length(max=15))
    website = Text(max=300)
    from_address = Text(max=100, metadata=FROM_GATEWAY)
    user_agent = fields.String(validate=validate.Length(max=4000), metadata=FROM_GATEWAY)


class Received(Schema):
    """The same answer for everybody, known or not."""

    received = Boolean(required=True)


sign_up = Rpc(
    "contacts", "sign_up", needs=PUBLIC, takes=SignUp, gives=Received, raises=(Invalid,), remembered=False,
    about="Makes a lead a moment later. Whether somebody is known already, nobody is told, neither by the answer nor "
    "by the time that it takes.",
)  # fmt: skip


class SignupReceived(Schema):
    signup_id = Id(required=True)


class SignedUpAgain(Schema):
    """`way` is how they came this time."""

    signup_id = Id(required=True)
    way = fields.String(required=True)
    source = fields.String(required=True, allow_none=True)


signup_received = Event("contacts", "signup.received", data=SignupReceived, about="Somebody signed up; no subject yet.")
signed_up_again = Event("contacts", "contact.signed_up_again", data=SignedUpAgain, about="A known contact signed up.")

"""Signing: what the holder of a signing link may see and do; the token is all the proof there is."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.billing.card_numbers import NoCardNumbers
from contracts.documents.agreements import STATES, PdfFile
from contracts.errors import Conflict, Invalid, NotFound
from contracts.language import PUBLIC, Boolean, Moment, Rpc, Schema, Text

LONGEST_SIGNATURE = 400_000
"""Characters of a `data:` URL: a drawing of 290 KB."""
FROM_GATEWAY = {"filled_by": "gateway"}
"""The gateway writes this field over whatever the client sent; it is no part of the public API."""


class PublicAgreement(Schema):
    """What the signer sees; `text` is null once it is recalled or expired."""

    title = fields.String(required=True)
    kind = fields.String(required=True)
    text = fields.String(required=True, allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    contact_name = fields.String(required=True)
    business_name = fields.String(required=True)
    content_hash = fields.String(required=True)
    expires_at = Moment(allow_none=True)
    signed_at = Moment(allow_none=True)
    signed_name = fields.String(allow_none=True)


class OneLink(Schema):
    """The token of a signing link; one that is unknown, replaced or malformed is not found."""

    token = fields.String(required=True, validate=validate.Length(max=200))


class SignAgreement(OneLink):
    """`signature` is text as typed, or a drawing as `data:image/png;base64,…`; left out, the name stands for it.

    Signing is agreeing, in so many words: `agreed` is true, and not left out.
    """

    name = Text(required=True, min=1, max=200)
    agreed = Boolean(
        required=True,
        validate=validate.Equal(True, error="Signing takes agreed: true."),
    )  # fmt: skip
    signature = fields.String(validate=validate.Length(min=1, max=LONGEST_SIGNATURE))
    from_address = Text(max=100, metadata=FROM_GATEWAY)
    user_agent = fields.String(validate=validate.Length(max=4000), metadata=FROM_GATEWAY)


class DeclineAgreement(OneLink, NoCardNumbers):
    """`reason` is shown to the team."""

    reason = Text(max=1000, multiline=True)


view_agreement = Rpc(
    "documents", "view_agreement", needs=PUBLIC, takes=OneLink, gives=PublicAgreement, raises=(NotFound,),
    remembered=False, about="The first look marks the agreement as viewed, which is why this counts as a write.",
)  # fmt: skip
sign_agreement = Rpc(
    "documents", "sign_agreement", needs=PUBLIC, takes=SignAgreement, gives=PublicAgreement,
    remembered=False, raises=(Invalid, NotFound, Conflict),
    about="Signing again with the same name and signature is harmless; anything else of a closed agreement is refused.",
)  # fmt: skip
decline_agreement = Rpc(
    "documents", "decline_agreement", needs=PUBLIC, takes=DeclineAgreement, gives=PublicAgreement,
    remembered=False, raises=(NotFound, Conflict), about="Declining twice is harmless.",
)  # fmt: skip
get_signed_copy = Rpc(
    "documents", "get_signed_copy", needs=PUBLIC, takes=OneLink, gives=PdfFile,
    remembered=False, raises=(NotFound, Conflict), deadline=20.0,
    about="The signer's own copy of the signed PDF, by the link it was signed on.",
)  # fmt: skip

"""Agreements: a template's words, made out to one contact and frozen, on their way to a signature."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.billing.card_numbers import NoCardNumbers
from contracts.errors import Conflict, Invalid, Merged, NotFound, Stale
from contracts.language import Boolean, Event, Id, Moment, PageRequest, Rpc, Schema, Sort, Text, page_of

STATES = ("draft", "sent", "viewed", "signed", "declined", "recalled", "expired")
UNSIGNED = "unsigned"
"""Asks a list for what waits for a signature: sent or viewed, and not past its time."""


class AgreementInList(Schema):
    """An agreement without its text."""

    id = Id(required=True)
    contact_id = Id(required=True)
    template_id = Id(required=True)
    template_version = fields.Integer(required=True)
    kind = fields.String(required=True)
    title = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    created_at = Moment(required=True)
    sent_at = Moment(allow_none=True)
    viewed_at = Moment(allow_none=True)
    signed_at = Moment(allow_none=True)
    closed_at = Moment(allow_none=True, metadata={"description": "When it was declined, recalled or expired."})
    expires_at = Moment(allow_none=True)
    version = fields.Integer(required=True)


class Agreement(AgreementInList):
    """`content_hash` is the SHA-256, in hex, of the UTF-8 of title, two line feeds, text."""

    text = fields.String(required=True)
    content_hash = fields.String(required=True)
    signed_name = fields.String(allow_none=True)
    reason = fields.String(allow_none=True, metadata={"description": "Why it was declined or recalled, if told."})


class AgreementWithLink(Agreement):
    """`sign_url` is told this once: only a hash of its token is kept. It is null for a draft."""

    sign_url = fields.String(required=True, allow_none=True)


class SendAgreement(Schema):
    """`draft` makes it without sending it; `expires_in_days` is counted from the sending (30 unless set otherwise)."""

    contact_id = Id(required=True)
    template_id = Id(required=True)
    draft = Boolean(load_default=False)
    expires_in_days = fields.Integer(strict=True, validate=validate.Range(1, 365))


class OneAgreement(Schema):
    """Names one agreement."""

    agreement_id = Id(required=True)


class IssueLink(OneAgreement):
    """`expires_in_days` is counted from now (30 unless set otherwise)."""

    expires_in_days = fields.Integer(strict=True, validate=validate.Range(1, 365))


class RecallAgreement(OneAgreement, NoCardNumbers):
    """`reason` is kept for the team."""

    reason = Text(max=1000, multiline=True)


class ListAgreements(PageRequest):
    """Newest first; `state` may also be `unsigned`."""

    contact_id = Id()
    state = fields.String(validate=validate.OneOf((*STATES, UNSIGNED)))
    sort = Sort("newest", "oldest")


class PdfFile(Schema):
    """Where the PDF lies in object storage, and what to call it when it is handed out."""

    file_key = fields.String(required=True)
    file_name = fields.String(required=True)


class AgreementTold(Schema):
    """What is told of an agreement; its words and names stay in documents."""

    agreement_id = Id(required=True)
    title = fields.String(required=True)
    kind = fields.String(required=True)


send_agreement = Rpc(
    "documents", "send_agreement", needs="documents.send", takes=SendAgreement, gives=AgreementWithLink,
    remembered=False, raises=(Invalid, NotFound, Conflict, Merged),
    about="Freezes the template's words for this contact and opens a link to sign them on.",
)  # fmt: skip
issue_link = Rpc(
    "documents", "issue_link", needs="documents.send", takes=IssueLink, gives=AgreementWithLink,
    remembered=False, raises=(NotFound, Conflict, Merged, Stale),
    about="Sends a draft, or gives a fresh link for what is not signed yet; the link before it stops working.",
)  # fmt: skip
recall_agreement = Rpc(
    "documents", "recall_agreement", needs="documents.send", takes=RecallAgreement, gives=Agreement,
    raises=(NotFound, Conflict, Stale), about="Takes it back before it is signed; recalling twice is harmless.",
)  # fmt: skip
get_agreement = Rpc(
    "documents", "get_agreement", needs="documents.read", takes=OneAgreement, gives=Agreement,
    raises=(NotFound,), writes=False,
)  # fmt: skip
list_agreements = Rpc(
    "documents", "list_agreements", needs="documents.read", takes=ListAgreements, gives=page_of(AgreementInList),
    writes=False,
)  # fmt: skip
get_agreement_pdf = Rpc(
    "documents", "get_agreement_pdf", needs="documents.read", takes=OneAgreement, gives=PdfFile,
    remembered=False, raises=(NotFound, Conflict), deadline=20.0,
    about="Only what is signed has a PDF; it is made now if it is not there yet, which is why this counts as a write.",
)  # fmt: skip

agreement_sent = Event("documents", "agreement.sent", data=AgreementTold)
agreement_viewed = Event("documents", "agreement.viewed", data=AgreementTold, about="Told at the first look only.")
agreement_signed = Event("documents", "agreement.signed", data=AgreementTold)
agreement_declined = Event("documents", "agreement.declined", data=AgreementTold)
agreement_recalled = Event("documents", "agreement.recalled", data=AgreementTold)
agreement_expired = Event("documents", "agreement.expired", data=AgreementTold)

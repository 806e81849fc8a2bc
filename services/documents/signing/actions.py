"""Viewing, signing and declining an agreement on its link."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import undefer

from chassis.cpu import in_thread
from chassis.work import Work
from contracts.documents import agreements
from contracts.errors import Conflict, NotFound
from contracts.language import Request
from services.acquaintance import recall
from services.documents.agreements.actions import tell
from services.documents.agreements.model import Agreement
from services.documents.agreements.rules import WAITING, hash_of_token
from services.documents.base import business
from services.documents.signing.model import Signature
from services.documents.signing.rules import Mark, one_line, read_mark


def view_agreement(work: Work, request: Request) -> dict[str, Any]:
    """Show the agreement; the first look is told."""
    agreement = agreement_on_link(work, request.token)
    if agreement.state_at(work.now) == "sent":
        agreement.state, agreement.viewed_at = "viewed", work.now
        tell(work, agreements.agreement_viewed, agreement)
    return as_seen(work, agreement)


def sign_agreement(work: Work, request: Request) -> dict[str, Any]:
    """Keep the signature, once; the same one again gets the same answer."""
    mark = in_thread(read_mark, request.signature) if request.signature else Mark(typed=request.name)
    agreement = agreement_on_link(work, request.token)
    state = agreement.state_at(work.now)
    if state == "signed":
        return _signed_before(work, agreement, request.name, mark)
    if state not in WAITING:
        raise Conflict(f"This agreement is {state}; it cannot be signed any more.")
    _refuse_archived(work, agreement.contact_id)
    work.session.add(
        Signature(
            agreement_id=agreement.id,
            contact_id=agreement.contact_id,
            name=request.name,
            typed=mark.typed,
            drawn=mark.drawn,
            signed_at=work.now,
            from_address=one_line(request.from_address),
            user_agent=one_line(request.user_agent),
            cause=work.cause_of(agreement.contact_id).told,
        )
    )
    agreement.state, agreement.signed_at, agreement.signed_name = "signed", work.now, request.name
    agreement.viewed_at = agreement.viewed_at or work.now
    tell(work, agreements.agreement_signed, agreement)
    work.wake()
    return as_seen(work, agreement)


def decline_agreement(work: Work, request: Request) -> dict[str, Any]:
    """Keep that it will not be signed; declining twice is harmless."""
    agreement = agreement_on_link(work, request.token)
    state = agreement.state_at(work.now)
    if state in WAITING:
        agreement.close("declined", work.now, request.reason)
        tell(work, agreements.agreement_declined, agreement)
    elif state != "declined":
        raise Conflict(f"This agreement is {state}; it cannot be declined any more.")
    return as_seen(work, agreement)


def agreement_on_link(work: Work, token: str) -> Agreement:
    """The agreement that this token opens, its row locked; every other token is answered alike."""
    opened_by = Agreement.token_hash == hash_of_token(token)
    agreement = work.session.scalar(
        select(Agreement).where(opened_by).options(undefer(Agreement.text)).with_for_update()
    )
    if agreement is None:
        raise NotFound("This link does not work, or works no longer.")
    return agreement


def as_seen(work: Work, agreement: Agreement) -> dict[str, Any]:
    """What the signer sees; the words of what was recalled or expired are not shown any more."""
    state = agreement.state_at(work.now)
    return {
        "title": agreement.title,
        "kind": agreement.kind,
        "text": None if state in ("recalled", "expired") else agreement.text,
        "state": state,
        "contact_name": agreement.contact_name,
        "business_name": business(work).name,
        "content_hash": agreement.content_hash,
        "expires_at": agreement.expires_at,
        "signed_at": agreement.signed_at,
        "signed_name": agreement.signed_name,
    }


def _refuse_archived(work: Work, contact_id: str) -> None:
    """What is remembered here has to do: nobody is asked while the agreement is locked. Restored, they may sign."""
    known = recall(work.session, [contact_id]).get(contact_id)
    if known is not None and known.standing == "archived":
        raise Conflict("This agreement cannot be signed at present. Ask the business for help.")


def _signed_before(work: Work, agreement: Agreement, name: str, mark: Mark) -> dict[str, Any]:
    kept = work.session.get_one(Signature, agreement.id)
    if (kept.name, kept.typed, kept.drawn) != (name, mark.typed, mark.drawn):
        raise Conflict("This agreement is signed already, with another name or signature.")
    return as_seen(work, agreement)

"""Sending agreements and taking them back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import func, select

from chassis.config import settings
from chassis.ids import new_id
from chassis.overdue import let_run_out
from chassis.work import Work
from contracts.documents import agreements
from contracts.errors import Conflict, Invalid, NotFound
from contracts.language import Event, Request
from services.acquaintance import KnownContact, known_contact
from services.documents.agreements import rules
from services.documents.agreements.model import Agreement
from services.documents.agreements.queries import as_told
from services.documents.base import business
from services.documents.templates.queries import current_template
from services.documents.templates.rules import fill


def send_agreement(work: Work, request: Request) -> dict[str, Any]:
    """Freeze the template's words for the contact and, unless it stays a draft, open a link to sign them on.

    Asked again with the same key, the same agreement and link are told.
    """
    contact = known_contact(work, request.contact_id, active=True)
    key = _key_of(work)
    before = _sent_before(work, key)
    if before is not None:
        if (before.contact_id, before.template_id) != (contact.contact_id, request.template_id):
            raise Invalid("This Idempotency-Key was used for a different request.")
        return _with_link(work, before)
    template = current_template(work, request.template_id)
    words = template.current
    text = fill(words.body, _values_for(contact, work))
    agreement = Agreement(
        id=new_id(),
        contact_id=contact.contact_id,
        contact_name=contact.display_name,
        template_id=template.id,
        template_version=words.version,
        kind=template.kind,
        title=words.title,
        text=text,
        content_hash=rules.content_hash(words.title, text),
        state="draft",
        links=0,
        sent_by_key=key,
        created_at=work.now,
        created_by=work.actor.name or work.actor.id,
    )
    work.session.add(agreement)
    if not request.draft:
        _send(work, agreement, request.expires_in_days)
    return _with_link(work, agreement)


def issue_link(work: Work, request: Request) -> dict[str, Any]:
    """Send a draft, or give a fresh link for what still waits or has expired; the link before it stops working."""
    contact_id = work.reading.scalar(select(Agreement.contact_id).where(Agreement.id == request.agreement_id))
    if contact_id is None:
        raise NotFound("There is no such agreement.")
    known_contact(work, contact_id, active=True)
    agreement = locked(work, request.agreement_id)
    if agreement.link_by_key == _key_of(work) is not None:
        return _with_link(work, agreement)
    work.expect(agreement.version)
    if agreement.state not in ("draft", *rules.WAITING, "expired"):
        raise Conflict(f"It is {agreement.state} already.")
    _send(work, agreement, request.expires_in_days)
    return _with_link(work, agreement)


def recall_agreement(work: Work, request: Request) -> dict[str, Any]:
    """Take an agreement back before it is signed; recalling twice is harmless."""
    agreement = locked(work, request.agreement_id)
    if agreement.state == "recalled":
        return as_told(agreement, work.now)
    work.expect(agreement.version)
    if agreement.state in ("signed", "declined"):
        raise Conflict(f"It is {agreement.state} already.")
    agreement.close("recalled", work.now, request.reason)
    tell(work, agreements.agreement_recalled, agreement)
    work.session.flush()
    return as_told(agreement, work.now)


def expire_agreements(work: Work) -> None:
    """Write down which agreements ran out of time."""
    let_run_out(
        work,
        Agreement,
        Agreement.state.in_(rules.WAITING),
        Agreement.expires_at <= work.now,
        oldest=Agreement.expires_at,
        becomes={"state": "expired", "closed_at": Agreement.expires_at, "version": Agreement.version + 1},
        told=agreements.agreement_expired,
        saying=lambda row: {"agreement_id": row.id, "title": row.title, "kind": row.kind},
    )


def locked(work: Work, agreement_id: str) -> Agreement:
    """The agreement, its row locked until the end of the transaction, or NotFound."""
    agreement = work.session.scalar(select(Agreement).where(Agreement.id == agreement_id).with_for_update())
    if agreement is None:
        raise NotFound("There is no such agreement.")
    return agreement


def tell(work: Work, event: Event, agreement: Agreement) -> None:
    """Announce what happened to an agreement."""
    work.record(
        event, agreement.contact_id, agreement_id=agreement.id, title=agreement.title, kind=agreement.kind
    )  # fmt: skip


def _values_for(contact: KnownContact, work: Work) -> dict[str, str]:
    party = business(work)
    return {
        "contact.first_name": contact.first_name or contact.display_name,
        "contact.display_name": contact.display_name,
        "business.name": party.name,
        "today": party.today(work.now),
    }


def _key_of(work: Work) -> bytes | None:
    return rules.hash_of_key(work.actor.id, work.key) if work.key else None


def _sent_before(work: Work, key: bytes | None) -> Agreement | None:
    """What this key sent already; of two calls at once the second waits here for the first."""
    if key is None:
        return None
    work.session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(key[:8], signed=True))))
    return work.session.scalar(select(Agreement).where(Agreement.sent_by_key == key))


def _send(work: Work, agreement: Agreement, days: int | None) -> None:
    """Open a link, and tell of the sending unless it only replaces a link that still worked."""
    again = agreement.state_at(work.now) in rules.WAITING
    expires_at = work.now + dt.timedelta(days=days or business(work).days_to_sign)
    agreement.open_link(settings().secret, _key_of(work), expires_at)
    if not again:
        agreement.state, agreement.sent_at = "sent", work.now
        agreement.viewed_at = agreement.closed_at = None
        tell(work, agreements.agreement_sent, agreement)


def _with_link(work: Work, agreement: Agreement) -> dict[str, Any]:
    work.session.flush()  # gives the row its version
    token = agreement.token(settings().secrets) if agreement.links else None
    sign_url = f"{settings().public_url.rstrip('/')}/v1/public/agreements/{token}" if token else None
    return {**as_told(agreement, work.now), "sign_url": sign_url}

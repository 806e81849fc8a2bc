"""Reading agreements."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import undefer

from chassis.pages import keys_for, merged_page_of, narrowed, page_of
from chassis.work import Work
from contracts.documents.agreements import UNSIGNED
from contracts.errors import NotFound
from contracts.language import Request
from services.documents.agreements.model import Agreement
from services.documents.agreements.rules import WAITING, state_at

_listed: Any = [column for column in Agreement.__table__.c if column.key != "text"]
_EXPIRED = "expired"


def get_agreement(work: Work, request: Request) -> dict[str, Any]:
    """One agreement with its text."""
    agreement = work.session.get(Agreement, request.agreement_id, options=[undefer(Agreement.text)])
    if agreement is None:
        raise NotFound("There is no such agreement.")
    return as_told(agreement, work.now)


def list_agreements(work: Work, request: Request) -> dict[str, Any]:
    """The newest first, of one contact or all, in one state or any."""
    statement = narrowed(select(*_listed), request, Agreement.contact_id)
    keys = keys_for(request.sort, oldest=[Agreement.__table__.c.id])
    if request.state == _EXPIRED:
        page = merged_page_of(work, [statement.where(found) for found in _expired(work.now)], keys, request)
    else:
        found = [_is_in(request.state, work.now)] if request.state else []
        page = page_of(work, statement.where(*found), keys, request)
    return {**page, "items": [as_listed(agreement, work.now) for agreement in page["items"]]}


def as_listed(agreement: Any, now: dt.datetime) -> dict[str, Any]:
    """An agreement, or its row, without its text, in its state at that moment."""
    state = state_at(agreement.state, agreement.expires_at, now)
    overdue = state == _EXPIRED != agreement.state
    return {
        "id": agreement.id,
        "contact_id": agreement.contact_id,
        "template_id": agreement.template_id,
        "template_version": agreement.template_version,
        "kind": agreement.kind,
        "title": agreement.title,
        "state": state,
        "created_at": agreement.created_at,
        "sent_at": agreement.sent_at,
        "viewed_at": agreement.viewed_at,
        "signed_at": agreement.signed_at,
        "closed_at": agreement.expires_at if overdue else agreement.closed_at,
        "expires_at": agreement.expires_at,
        "version": agreement.version,
    }


def as_told(agreement: Agreement, now: dt.datetime) -> dict[str, Any]:
    """An agreement whole, in its state at that moment."""
    return {
        **as_listed(agreement, now),
        "text": agreement.text,
        "content_hash": agreement.content_hash,
        "signed_name": agreement.signed_name,
        "reason": agreement.reason,
    }


def _is_in(state: str, now: dt.datetime) -> ColumnElement[bool]:
    """Judge as `state_at` does, in SQL."""
    waits = Agreement.state.in_(WAITING) if state == UNSIGNED else Agreement.state == state
    return and_(waits, Agreement.expires_at > now) if state == UNSIGNED or state in WAITING else waits


def _expired(now: dt.datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """What was written down as expired, and the few of the last minute that are not yet; each has its own index."""
    return Agreement.state == _EXPIRED, and_(Agreement.state.in_(WAITING), Agreement.expires_at <= now)

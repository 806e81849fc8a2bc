"""What was asked for, and what became of each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.pages import page_of
from contracts.errors import NotFound
from services.contacts.bulk.model import BulkAction, BulkResult


def get_bulk(work: Any, request: Any) -> BulkAction:
    """Give one."""
    bulk: BulkAction | None = work.session.get(BulkAction, request.bulk_id)
    if bulk is None:
        raise NotFound("There is no such bulk action.")
    return bulk


def list_bulk(work: Any, request: Any) -> dict[str, Any]:
    """List them, newest first."""
    return page_of(work, select(BulkAction), [BulkAction.id.desc()], request)


def list_bulk_results(work: Any, request: Any) -> dict[str, Any]:
    """List the results of one, by contact."""
    get_bulk(work, request)
    statement = select(BulkResult).where(BulkResult.bulk_id == request.bulk_id)
    if request.outcome:
        statement = statement.where(BulkResult.outcome == request.outcome)
    return page_of(work, statement, [BulkResult.contact_id], request)

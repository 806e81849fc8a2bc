"""What was asked for, how far it is, and what became of each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Select, func, select

from chassis import tables
from chassis.pages import keys_for, narrowed, page_of
from chassis.rows import one_of
from contracts.contacts.bulk import OUTCOMES
from contracts.errors import NotFound
from services.contacts.bulk.model import BulkAction, BulkResult
from services.contacts.contact.model import Contact

OPEN = ("queued", "running")
_jobs = tables.jobs.c
_bulk: Any = BulkAction.__table__


def get_bulk(work: Any, request: Any) -> dict[str, Any]:
    """Give one, with how many came to which outcome: of messages that changes after the job has ended."""
    row = work.session.execute(_with_jobs().where(_bulk.c.id == request.bulk_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such bulk action.")
    counted = select(BulkResult.outcome, func.count()).where(BulkResult.bulk_id == request.bulk_id)
    counts = dict(work.session.execute(counted.group_by(BulkResult.outcome)).tuples().all())
    return _shown(row) | {"counts": dict.fromkeys(OUTCOMES, 0) | counts}


def list_bulk(work: Any, request: Any) -> dict[str, Any]:
    """List what was asked for."""
    statement = narrowed(_with_jobs(), request, _bulk.c.action, _bulk.c.started_by, _jobs.state)
    page = page_of(work, statement, keys_for(request.sort, oldest=[_bulk.c.id]), request)
    return page | {"items": [_shown(row) for row in page["items"]]}


def list_bulk_results(work: Any, request: Any) -> dict[str, Any]:
    """List the results of one, by contact."""
    if work.session.get(BulkAction, request.bulk_id) is None:
        raise NotFound("There is no such bulk action.")
    statement = narrowed(select(BulkResult), request, BulkResult.bulk_id, BulkResult.outcome)
    return page_of(work, statement, keys_for(request.sort, contact_id=[BulkResult.contact_id]), request)


def get_standings(work: Any, request: Any) -> dict[str, Any]:
    """Tell how these contacts stand, once that step is committed or can be no more; the job is looked at first."""
    at = select(_jobs.state, _jobs.progress["done"].as_integer().label("done")).where(_jobs.id == request.bulk_id)
    job = work.session.execute(at).one_or_none()
    if job is not None and job.state in OPEN and (job.done or 0) == request.step:
        return {"items": [], "over": False}
    columns = Contact.id.label("contact_id"), Contact.standing, Contact.display_name, Contact.version
    items = work.session.execute(select(*columns).where(one_of(Contact.id, request.contact_ids))).all()
    return {"items": items, "over": True}


def _with_jobs() -> Select[Any]:
    of_job = _jobs.state, _jobs.error.label("reason"), _jobs.progress, _jobs.updated_at
    return select(*_bulk.c, *of_job).join(tables.jobs, _jobs.id == _bulk.c.id)


def _shown(row: Row[Any]) -> dict[str, Any]:
    counted = {"total": row.progress.get("total"), "done": row.progress.get("done", 0)}
    return {**row._mapping, "progress": counted}

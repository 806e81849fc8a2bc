"""Imports as they stand, and the mappings that are remembered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from chassis import tables
from chassis.pages import keys_for, page_of
from contracts.errors import Conflict, NotFound
from services.contacts.fields.queries import all_fields
from services.contacts.fields.rules import Fields
from services.contacts.importing.model import Import, ImportMapping
from services.contacts.importing.rules.destinations import LEFT
from services.contacts.importing.rules.layout import Layout

_jobs = tables.jobs.c
_told = func.jsonb_build_object("state", _jobs.state, "error", _jobs.error, "progress", _jobs.progress)
_of_it = (
    select(func.jsonb_object_agg(_jobs.id, _told))
    .where(_jobs.id.in_([Import.id, Import.job_id, Import.undo_job_id]))
    .scalar_subquery()
)
_READING = {"queued": "reading", "running": "reading", "done": "ready", "failed": "refused", "cancelled": "cancelled"}
_UNDOING = {"queued": "undoing", "running": "undoing", "done": "undone"}


def import_of(work: Any, import_id: str, *, lock: bool = False) -> Import:
    """Give an import, held until the transaction ends if it is to be changed."""
    record = work.session.get(Import, import_id, with_for_update=lock)
    if record is None:
        raise NotFound("There is no such import.")
    return record


def list_imports(work: Any, request: Any) -> dict[str, Any]:
    """List the imports."""
    statement = _with_jobs()
    if request.q:
        statement = statement.where(Import.file_name.icontains(request.q, autoescape=True))
    if request.started_by:
        statement = statement.where(Import.started_by == request.started_by)
    page = page_of(work, statement, keys_for(request.sort, oldest=[Import.id]), request)
    custom = all_fields(work)
    return page | {"items": [_shown(row.Import, row.jobs, custom) for row in page["items"]]}


def get_import(work: Any, request: Any) -> dict[str, Any]:
    """Tell how a file was read and how far its import is."""
    return _shown(*_one_with_jobs(work, request.import_id), all_fields(work))


def shown(work: Any, record: Import) -> dict[str, Any]:
    """An import that is held, in the shape of its contract."""
    return _shown(record, _one_with_jobs(work, record.id)[1], all_fields(work))


def state_of(work: Any, record: Import) -> tuple[str, str | None]:
    """Tell the state of an import that is held, and why it was refused or failed."""
    return _state(record, _one_with_jobs(work, record.id)[1])


def preview_import(work: Any, request: Any) -> dict[str, Any]:
    """Tell how each column is understood and what would become of the first rows."""
    record, jobs = _one_with_jobs(work, request.import_id)
    if record.preview is None:
        state, reason = _state(record, jobs)
        raise Conflict(reason or f"There is no preview: the import is {state}.", state=state)
    counted = record.preview["sampled"]
    whole = {"counted_rows": counted, "all_counted": counted >= record.preview["total"]}
    columns = [
        {"goes_to": column["field"] or LEFT, "custom_field": None, **column} for column in record.preview["columns"]
    ]
    return {"import_id": record.id, "new_companies": [], "doubts": [], **whole, **record.preview, "columns": columns}


def list_import_mappings(work: Any, request: Any) -> dict[str, Any]:
    """List the remembered mappings."""
    statement = select(ImportMapping)
    if request.q:
        statement = statement.where(ImportMapping.name.icontains(request.q, autoescape=True))
    by_name = [func.lower(ImportMapping.name), ImportMapping.id]
    return page_of(work, statement, keys_for(request.sort, oldest=[ImportMapping.id], name=by_name), request)


def get_import_mapping(work: Any, request: Any) -> ImportMapping:
    """Give a remembered mapping."""
    kept = work.session.get(ImportMapping, request.import_mapping_id)
    if kept is None:
        raise NotFound("There is no such mapping.")
    return kept


def _with_jobs() -> Select[Any]:
    """Imports with their jobs of one instant: asked later, a job may be done with what the import does not tell."""
    return select(Import).add_columns(func.coalesce(_of_it, literal({}, JSONB)).label("jobs"))


def _one_with_jobs(work: Any, import_id: str) -> tuple[Import, Mapping[str, Any]]:
    found = work.session.execute(_with_jobs().where(Import.id == import_id)).one_or_none()
    if found is None:
        raise NotFound("There is no such import.")
    return found.Import, found.jobs


def _state(record: Import, jobs: Mapping[str, Any]) -> tuple[str, str | None]:
    job = jobs.get(record.job_id or record.id)
    state, reason = (job["state"], job["error"]) if job else ("done", None)
    undo = jobs.get(record.undo_job_id) if record.undo_job_id else None
    if undo is not None and undo["state"] in _UNDOING:
        return _UNDOING[undo["state"]], None
    return (state if record.started else _READING[state]), reason


def _shown(record: Import, jobs: Mapping[str, Any], custom: Fields) -> dict[str, Any]:
    layout = Layout.from_dict(record.layout)
    state, reason = _state(record, jobs)
    columns = dict(zip(layout.header, layout.columns(record.mapping, custom), strict=True))
    job = jobs.get(record.job_id or record.id)
    return {
        "id": record.id,
        "job_id": record.undo_job_id or record.job_id or record.id,
        "state": state,
        "reason": reason,
        "file_name": record.file_name,
        "started_at": record.started_at,
        "started_by": record.started_by,
        "mode": record.mode,
        "on_conflict": record.on_conflict,
        "companies": record.companies,
        "match_on": record.match_on,
        "mapping": record.mapping,
        "mapping_id": record.mapping_id,
        **{name: record.wishes.get(name) for name in ("date_order", "region", "external_system")},
        "layout": {
            **{name: getattr(layout, name) for name in ("format", "encoding", "delimiter", "sheet", "rows")},
            "sheets": list(layout.sheets),
            "header_row": layout.header_row or None,
            "export": layout.export.name if layout.header and layout.export.known_by else None,
        },
        "columns": {name: str(column) if column else None for name, column in columns.items()},
        "unmapped": [name for name, column in columns.items() if name and not column],
        "progress": job["progress"] if job else {},
        "version": record.version,
    }

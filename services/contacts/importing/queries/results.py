"""How an import was read, and which rows it rejected."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.pages import page_of
from contracts.errors import NotFound
from services.contacts.importing.model import Import, ImportRow
from services.contacts.importing.rules.columns import columns_of
from services.contacts.importing.rules.formulas import defused
from services.contacts.importing.rules.sheet import Layout


def get_import(work: Any, request: Any) -> dict[str, Any]:
    """Tell how a file was read."""
    record = _import(work, request.import_id)
    header = Layout.from_dict(record.layout).header
    columns = zip(header, columns_of(header, record.mapping), strict=True)
    return {
        "id": record.id,
        "file_name": record.file_name,
        "started_at": record.started_at,
        "mode": record.mode,
        "match_on": record.match_on,
        "columns": {name: str(column) if column else None for name, column in columns},
    }


def list_rejects(work: Any, request: Any) -> dict[str, Any]:
    """List the rejected rows by line."""
    _import(work, request.import_id)
    statement = select(ImportRow).where(ImportRow.import_id == request.import_id, ImportRow.outcome == "rejected")
    return page_of(work, statement, [ImportRow.line], request)


def sheet_of_rejects(work: Any, request: Any) -> dict[str, Any]:
    """Give the rejected rows as they stood in the file, with line and reasons, harmless to open in a spreadsheet."""
    record = _import(work, request.import_id)
    header = list(Layout.from_dict(record.layout).header)
    page = list_rejects(work, request)
    rows = [
        [*(row.cells + [""] * len(header))[: max(len(header), len(row.cells))], str(row.line), told(row.reasons)]
        for row in page["items"]
    ]
    return {
        "file_name": record.file_name,
        "header": [defused(cell) for cell in [*header, "Line", "Reasons"]],
        "rows": [[defused(cell) for cell in row] for row in rows],
        "next": page["next"],
    }


def told(reasons: list[dict[str, str | None]]) -> str:
    """All reasons in one cell, each with its column."""
    return "; ".join(f"{reason['column']}: {reason['detail']}" if reason["column"] else str(reason["detail"])
                     for reason in reasons)  # fmt: skip


def _import(work: Any, import_id: str) -> Import:
    record = work.session.get(Import, import_id)
    if record is None:
        raise NotFound("There is no such import.")
    return record

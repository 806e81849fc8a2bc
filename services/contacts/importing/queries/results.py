"""What became of the rows of an import."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.formulas import defused
from chassis.pages import keys_for, page_of
from services.contacts.contact.model import Contact
from services.contacts.importing.model import ImportRow
from services.contacts.importing.queries.imports import import_of
from services.contacts.importing.rules.layout import Layout


def list_import_rows(work: Any, request: Any) -> dict[str, Any]:
    """List what became of each row, by line."""
    import_of(work, request.import_id)
    statement = select(ImportRow).where(ImportRow.import_id == request.import_id, ImportRow.line > 0)
    if request.outcome:
        statement = statement.where(ImportRow.outcome == request.outcome)
    if request.undone:
        statement = statement.where(ImportRow.undone == request.undone)
    page = page_of(work, statement, keys_for(request.sort, line=[ImportRow.line]), request)
    return page | {"items": [_told(row) for row in page["items"]]}


def _told(row: ImportRow) -> dict[str, Any]:
    return {
        "line": row.line,
        "outcome": row.outcome,
        "contact_id": row.contact_id,
        "remarks": row.reasons or [],
        **_changes_of(row),
        "undone": row.undone,
        "undo_remarks": row.undo_remarks or [],
    }


def _changes_of(row: ImportRow) -> dict[str, Any]:
    """What this very row did; one of before this was kept tells what its contact's first row did."""
    told = row.told or {}
    effects = row.effects or {}
    return {
        "changes": told.get("changes") or (effects.get("changes") if row.told is None else None),
        "added": told.get("added"),
        "not_taken": told.get("not_taken", []),
    }


def list_import_companies(work: Any, request: Any) -> dict[str, Any]:
    """List the companies that were entered for people of the file, by the line of the first."""
    import_of(work, request.import_id)
    row = ImportRow.__table__.c
    named = select(row.line, row.contact_id, row.undone, row.undo_remarks, Contact.display_name)
    statement = named.join(Contact, Contact.id == row.contact_id)
    statement = statement.where(row.import_id == request.import_id, row.line < 0)
    if request.undone:
        statement = statement.where(row.undone == request.undone)
    first_lines_first = [row.line.desc() if request.sort == "line" else row.line]
    page = page_of(work, statement, first_lines_first, request)
    items = [{**one._mapping, "line": -one.line, "undo_remarks": one.undo_remarks or []} for one in page["items"]]
    return page | {"items": items}


def list_rejects(work: Any, request: Any) -> dict[str, Any]:
    """List the rejected rows by line."""
    import_of(work, request.import_id)
    statement = select(ImportRow).where(ImportRow.import_id == request.import_id, ImportRow.outcome == "rejected")
    return page_of(work, statement, keys_for(request.sort, line=[ImportRow.line]), request)


def sheet_of_rejects(work: Any, request: Any) -> dict[str, Any]:
    """Give the rejected rows as they stood in the file, with line and reasons, harmless to open in a spreadsheet."""
    record = import_of(work, request.import_id)
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

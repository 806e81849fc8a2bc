"""Starting: columns that do not exist and filters that make no sense are refused at once."""

from __future__ import annotations

from typing import Any

from contracts.errors import Invalid
from services.contacts.exporting.model import Export
from services.contacts.exporting.rules import columns_for
from services.contacts.fields.queries import all_fields
from services.contacts.selecting.queries import judge_selection


def start_export(work: Any, request: Any) -> dict[str, Any]:
    """Queue the job."""
    judge_selection(work, request.selection)
    known = columns_for(all_fields(work))
    columns = request.columns or list(known)
    errors = [
        {"pointer": f"/columns/{place}", "detail": "There is no such column."}
        for place, name in enumerate(columns)
        if name not in known
    ]
    if errors:
        raise Invalid("Not all columns are known.", errors)
    export_id = work.start_job("export", {"format": request.format})
    work.session.add(
        Export(
            id=export_id,
            format=request.format,
            bom=request.bom,
            columns=list(dict.fromkeys(columns)),
            selection=dict(request.selection),
            started_at=work.now,
            started_by=work.actor.id,
        )
    )
    return {"id": export_id, "state": "queued"}

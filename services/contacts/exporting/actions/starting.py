"""Starting: columns that do not exist or are not for everybody, and filters that make no sense, are refused at once."""

from __future__ import annotations

from typing import Any

from contracts.errors import Forbidden, Invalid
from services.contacts.exporting.model import Export
from services.contacts.exporting.rules import columns_for, withheld_from
from services.contacts.facts.rules import SEES_MONEY
from services.contacts.fields.queries import all_fields
from services.contacts.selecting.queries import judge_selection


def start_export(work: Any, request: Any) -> dict[str, Any]:
    """Queue the job."""
    judge_selection(work, request.selection)
    known, withheld = columns_for(all_fields(work)), withheld_from(work.actor.may)
    columns = request.columns or [name for name in known if name not in withheld]
    if errors := _at([name not in known for name in columns], "There is no such column."):
        raise Invalid("Not all columns are known.", errors)
    if errors := _at([name in withheld for name in columns], f"It needs the permission {SEES_MONEY}."):
        raise Forbidden("Not all columns are shown to you.", errors)
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


def _at(wrong: list[bool], detail: str) -> list[dict[str, str]]:
    return [{"pointer": f"/columns/{place}", "detail": detail} for place, is_wrong in enumerate(wrong) if is_wrong]

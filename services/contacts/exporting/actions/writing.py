"""Writing: each step keeps a part of rows in storage, and the last has a process of its own make the file of them.

Every part, and the file, is kept under a key that the export's id gives: a step that is done again after a crash takes
the place of what it had kept, and nothing stands in the file twice.
"""

from __future__ import annotations

import datetime as dt
import io
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import text

from chassis import storage
from chassis.apart import answer_of
from chassis.wire import dumps
from contracts.errors import Invalid
from services.contacts.exporting.model import Export
from services.contacts.exporting.queries import PREFIX, contacts_to_write
from services.contacts.exporting.rules import columns_for, headers_of, row_of
from services.contacts.fields.queries import all_fields
from services.contacts.selecting.queries import count_selected, next_selected

PARTS = "export-parts"
CONTACTS_A_STEP = 1000
CONTACTS_A_BREATH = 50
LARGEST_PART = 256 * 1024 * 1024
WRITE_SECONDS = 1800
WRITE_MEGABYTES = 256
KEPT_DAYS = 7
PARTS_KEPT_DAYS = 2


def export_next_rows(work: Any, job: Any) -> None:
    """Count in the first step, then write part by part; the checkpoint is the last contact written."""
    export = work.session.get_one(Export, job.id)
    if not job.progress:
        job.progress = {"total": count_selected(work, export.selection), "done": 0}
        job.checkpoint = {"after": None, "parts": 0, "rows": 0}
        return
    at = job.checkpoint
    if at.get("written"):
        _finish(work, job, export)
        return
    contact_ids = next_selected(work, export.selection, at["after"], CONTACTS_A_STEP)
    rows = _write_part(work, export, at["parts"], contact_ids) if contact_ids else 0
    job.progress = {**job.progress, "done": job.progress["done"] + len(contact_ids)}
    job.checkpoint = {
        "after": contact_ids[-1] if contact_ids else at["after"],
        "parts": at["parts"] + bool(contact_ids),
        "rows": at["rows"] + rows,
        "written": len(contact_ids) < CONTACTS_A_STEP,
    }


def forget_old_exports(work: Any) -> None:
    """Delete files that were kept long enough, and parts of exports that were never finished."""
    for prefix, days in ((PREFIX, KEPT_DAYS), (PARTS, PARTS_KEPT_DAYS)):
        for key in list(storage.older(prefix, (work.now - dt.timedelta(days=days)).timestamp())):
            storage.delete(key)


def _write_part(work: Any, export: Export, number: int, contact_ids: list[str]) -> int:
    columns = _columns(work, export)
    lines = []
    for place, contact in enumerate(contacts_to_write(work, contact_ids)):
        if place % CONTACTS_A_BREATH == 0:
            work.breathe()
        lines.append(dumps(row_of(columns, contact)))
    part = io.BytesIO("".join(f"{line}\n" for line in lines).encode())
    storage.put(part, limit=LARGEST_PART, prefix=PARTS, key=_part_key(export, number))
    return len(lines)


def _columns(work: Any, export: Export) -> list[Any]:
    """The columns as they were asked for; a custom field may have been archived since."""
    known = columns_for(all_fields(work, archived=True))
    return [known[name] for name in export.columns]


def _finish(work: Any, job: Any, export: Export) -> None:
    parts = [_part_key(export, number) for number in range(job.checkpoint["parts"])]
    question = {
        "parts": parts,
        "headers": headers_of(_columns(work, export)),
        "file_key": storage.key_of(PREFIX, export.id),
        "format": export.format,
        "bom": export.bom,
    }
    try:
        written = answer_of(
            "services.contacts.exporting",
            question,
            seconds=WRITE_SECONDS,
            megabytes=WRITE_MEGABYTES,
            meanwhile=lambda: work.session.execute(text("SELECT 1")),  # a transaction that idles a minute is ended
        )
    except Invalid as refusal:
        job.fail(refusal.detail)
        return
    export.rows, export.size = job.checkpoint["rows"], written["size"]
    export.kept_until = work.now + dt.timedelta(days=KEPT_DAYS)
    for key in parts:
        storage.delete(key)
    job.finish(rows=export.rows, size=export.size)


def _part_key(export: Export, number: int) -> str:
    return storage.key_of(PARTS, str(uuid5(UUID(export.id), str(number))))

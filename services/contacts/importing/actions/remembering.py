"""How a header was mapped by hand is remembered for the next file that has it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from chassis.ids import new_id
from contracts.contacts.importing import LEFT_OUT
from contracts.errors import NotFound
from services.contacts.importing.model import Import, ImportMapping
from services.contacts.importing.rules.layout import Layout

LONGEST_NAME = 100


def remember_mapping(work: Any, record: Import, layout: Layout) -> None:
    """Keep what was mapped by hand under the file's header; a mapping taken from memory is only used once more."""
    if record.mapping_id:
        kept = work.session.get(ImportMapping, record.mapping_id)
        if kept is not None:
            kept.used_at = work.now
        return
    if not record.mapping:
        return
    named = layout.export.name if layout.export.known_by else record.file_name
    table = ImportMapping.__table__
    values = {
        "id": new_id(),
        "signature": layout.signature,
        "name": named[:LONGEST_NAME],
        "headers": list(layout.header),
        "mapping": record.mapping,
        "used_at": work.now,
        "changed_by": work.actor.id,
        "version": 1,
    }
    again = {name: values[name] for name in ("headers", "mapping", "used_at", "changed_by")}
    statement = (
        insert(table)
        .values(values)
        .on_conflict_do_update(index_elements=["signature"], set_={**again, "version": table.c.version + 1})
    )
    record.mapping_id = str(work.session.scalar(statement.returning(table.c.id)))


def recall_mapping(work: Any, record: Import, layout: Layout) -> None:
    """Map the file as one of the same header was the last time, unless somebody says how."""
    if record.mapping:
        return
    wanted = select(ImportMapping).where(ImportMapping.signature == layout.signature)
    kept = work.session.scalars(wanted).one_or_none()
    if kept is not None:
        record.mapping, record.mapping_id = kept.mapping, kept.id


def change_import_mapping(work: Any, request: Any) -> ImportMapping:
    """Rename a remembered mapping, or say what it maps."""
    kept = _held(work, request.import_mapping_id)
    work.expect(kept.version)
    mapping = {header: target or LEFT_OUT for header, target in (request.mapping or {}).items()}
    changed = {"name": request.name} if request.name else {}
    if "mapping" in request:
        changed["mapping"] = mapping
    if any(getattr(kept, name) != value for name, value in changed.items()):
        for name, value in changed.items():
            setattr(kept, name, value)
        kept.version += 1
        kept.changed_by = work.actor.id
    return kept


def forget_import_mapping(work: Any, request: Any) -> dict[str, Any]:
    """Let files of this header be mapped by their header again."""
    work.session.delete(_held(work, request.import_mapping_id))
    return {}


def _held(work: Any, mapping_id: str) -> ImportMapping:
    kept = work.session.get(ImportMapping, mapping_id, with_for_update=True)
    if kept is None:
        raise NotFound("There is no such mapping.")
    return kept

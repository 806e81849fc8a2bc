"""How a header was mapped by hand is remembered for the next file that has it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from chassis.ids import new_id
from chassis.rows import set_on
from contracts.contacts import import_mappings as published
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
    new = insert(ImportMapping.__table__).values(values)
    used = new.on_conflict_do_update(index_elements=["signature"], set_={"used_at": work.now})
    record.mapping_id = str(work.session.scalar(used.returning(ImportMapping.id)))
    kept = work.session.get_one(ImportMapping, record.mapping_id, populate_existing=True)
    if kept.id == values["id"]:
        _tell(work, published.import_mapping_remembered, kept)
    else:
        _change(work, kept, {name: values[name] for name in ("headers", "mapping")})


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
    wanted = {"name": request.name} if request.name else {}
    _change(work, kept, wanted | ({"mapping": mapping} if "mapping" in request else {}))
    return kept


def _change(work: Any, kept: ImportMapping, wanted: dict[str, Any]) -> None:
    changes = set_on(kept, wanted)
    if changes:
        kept.version += 1
        kept.changed_by = work.actor.id
        _tell(work, published.import_mapping_changed, kept, changes=changes)


def forget_import_mapping(work: Any, request: Any) -> dict[str, Any]:
    """Let files of this header be mapped by their header again."""
    kept = _held(work, request.import_mapping_id)
    work.expect(kept.version)
    _tell(work, published.import_mapping_forgotten, kept)
    work.session.delete(kept)
    return {}


def _tell(work: Any, event: Any, kept: ImportMapping, **more: Any) -> None:
    work.record(event, None, import_mapping_id=kept.id, name=kept.name, version=kept.version, **more)


def _held(work: Any, mapping_id: str) -> ImportMapping:
    kept = work.session.get(ImportMapping, mapping_id, with_for_update=True)
    if kept is None:
        raise NotFound("There is no such mapping.")
    return kept

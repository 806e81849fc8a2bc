"""Starting an import: looked at first, corrected, or at once."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import Any

import phonenumbers

from chassis import storage
from chassis.ids import new_id
from contracts.contacts.importing import LEFT_OUT
from contracts.errors import Conflict, Invalid
from services.contacts.fields.queries import all_fields
from services.contacts.importing.actions.remembering import remember_mapping
from services.contacts.importing.model import Import
from services.contacts.importing.queries.imports import import_of, shown, state_of
from services.contacts.importing.rules.layout import Layout

WISHES = ("encoding", "delimiter", "sheet", "header_row", "date_order", "region", "external_system")


def start_import(work: Any, request: Any) -> dict[str, Any]:
    """Queue the job that reads the file, and unless it is to be previewed imports it."""
    if not storage.is_key(request.file_key):
        raise Invalid.field("/file_key", "There is no such file.")
    _refuse_unknown(request)
    if request.preview:
        import_id = new_id()
        job_id = work.start_job("import_preview", {"import_id": import_id, "version": 1})
    else:
        import_id = job_id = work.start_job("import", {"file_name": request.file_name})
    record = Import(
        id=import_id,
        job_id=job_id,
        file_key=request.file_key,
        file_name=request.file_name,
        mode=request.mode,
        on_conflict=request.on_conflict,
        companies=request.companies,
        match_on=list(dict.fromkeys(request.match_on)),
        mapping=_meanings(request.mapping),
        wishes={name: request[name] for name in WISHES if request.get(name)},
        layout={},
        previewed=request.preview,
        started=not request.preview,
        started_at=work.now,
        started_by=work.actor.id,
    )
    work.session.add(record)
    return _started(record, "reading" if request.preview else "queued") | {"file_key": record.file_key}


def correct_import(work: Any, request: Any) -> dict[str, Any]:
    """Say how a previewed file is to be read, and have it previewed anew."""
    record = import_of(work, request.import_id, lock=True)
    work.expect(record.version)
    if record.started:
        raise Conflict("The import has been started; how its file is read cannot be changed any more.")
    _refuse_unknown(request)
    wishes = {**record.wishes, **{name: request[name] for name in WISHES if name in request}}
    record.wishes = {name: wish for name, wish in wishes.items() if wish}
    if "mapping" in request:
        record.mapping = _meanings(request.mapping)
        record.mapping_id = None
    if request.match_on:
        record.match_on = list(dict.fromkeys(request.match_on))
    record.mode = request.mode or record.mode
    record.on_conflict = request.on_conflict or record.on_conflict
    record.companies = request.companies or record.companies
    record.version += 1
    record.preview = None
    record.job_id = work.start_job("import_preview", {"import_id": record.id, "version": record.version})
    work.session.flush()
    return shown(work, record)


def start_previewed_import(work: Any, request: Any) -> dict[str, Any]:
    """Import what was previewed; starting twice is harmless."""
    record = import_of(work, request.import_id, lock=True)
    if record.started:
        return _started(record, state_of(work, record)[0])
    work.expect(record.version)
    if record.preview is None:
        state, reason = state_of(work, record)
        raise Conflict(reason or "The preview is still being made.", state=state)
    layout = Layout.from_dict(record.layout)
    problems = layout.problems(record.mapping, all_fields(work))
    if problems:
        raise Conflict(problems[0], problems=problems)
    remember_mapping(work, record, layout)
    record.started, record.started_at, record.started_by = True, work.now, work.actor.id
    record.job_id = work.start_job("import", {"import_id": record.id, "file_name": record.file_name})
    return _started(record, "queued")


def _refuse_unknown(request: Any) -> None:
    if request.region and request.region not in phonenumbers.SUPPORTED_REGIONS:
        raise Invalid.field("/region", "No telephone region of ISO 3166-1 has this code.")
    if request.encoding:
        try:
            b"".decode(codecs.lookup(request.encoding).name)
        except (LookupError, ValueError):
            raise Invalid.field("/encoding", "There is no such encoding of text.") from None


def _meanings(mapping: Mapping[str, str | None] | None) -> dict[str, str]:
    return {header: target or LEFT_OUT for header, target in (mapping or {}).items()}


def _started(record: Import, state: str) -> dict[str, Any]:
    return {
        "id": record.id,
        "job_id": record.job_id or record.id,
        "state": state,
        "file_name": record.file_name,
    }

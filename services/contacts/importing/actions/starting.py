"""Starting an import: what cannot be imported at all is refused at once."""

from __future__ import annotations

from typing import Any

from chassis import storage
from contracts.contacts.importing import LEFT_OUT
from contracts.errors import Invalid, NotFound
from services.contacts.importing.model import Import
from services.contacts.importing.rules.sheet import layout_of


def start_import(work: Any, request: Any) -> dict[str, Any]:
    """Look at the beginning of the file and queue the job; the file is read whole by the job alone."""
    mapping = {header: target or LEFT_OUT for header, target in (request.mapping or {}).items()}
    try:
        with storage.open(request.file_key) as stream:
            layout = layout_of(stream, mapped=list(mapping), whole=False)
    except NotFound:
        raise Invalid.field("/file_key", "There is no such file.") from None
    import_id = work.start_job("import", {"file_name": request.file_name})
    work.session.add(
        Import(
            id=import_id,
            file_key=request.file_key,
            file_name=request.file_name,
            mode=request.mode,
            match_on=list(dict.fromkeys(request.match_on)),
            mapping=mapping,
            layout=layout.as_dict(),
            started_at=work.now,
            started_by=work.actor.id,
        )
    )
    return {"id": import_id, "state": "queued", "file_name": request.file_name}

"""Taking an import back: whom it created is archived, what it changed is restored where nobody changed it since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from chassis.rows import update_rows
from contracts.contacts.import_results import import_undone
from contracts.errors import Conflict
from services.contacts.card.actions.archiving import archive_contacts
from services.contacts.contact.actions import give_new_versions, hold_contacts
from services.contacts.contact.model import Contact
from services.contacts.external_ids.actions import remove_external_ids
from services.contacts.importing.actions.bringing import take_beside_back
from services.contacts.importing.actions.restoring import restore_cards
from services.contacts.importing.model import Import, ImportRow
from services.contacts.importing.queries.imports import import_of, state_of
from services.contacts.importing.queries.people import UNDONE
from services.contacts.importing.queries.since import staffed_since, touched_since
from services.contacts.importing.rules.undoing import Effect, Remarks, gathered
from services.contacts.notes.actions import take_notes_back
from services.contacts.tags.actions import remove_tags

ROWS_A_STEP = 1000
_STOPPED = ("done", "failed", "cancelled", "undone")
_AGAIN = ("failed", "cancelled")


def undo_import(work: Any, request: Any) -> dict[str, Any]:
    """Queue the job that takes an import back; asked again, the same job is told."""
    record = import_of(work, request.import_id, lock=True)
    state, _ = state_of(work, record)
    if not record.started:
        raise Conflict("The import has not been started: there is nothing to undo.", state=state)
    if state not in (*_STOPPED, "undoing"):
        raise Conflict(f"The import is {state}; wait for its end, or cancel its job first.", state=state)
    if state not in ("undoing", "undone"):
        record.undo_job_id = work.start_job("import_undo", {"import_id": record.id, "file_name": record.file_name})
        state = "undoing"
    return {"id": record.id, "job_id": record.undo_job_id, "state": state, "file_name": record.file_name}


def undo_next_rows(work: Any, job: Any) -> None:
    """Take back what the next rows did, the last row first: what was changed twice is restored in its order."""
    if "line" not in job.checkpoint:
        job.checkpoint = {"line": None}
        total = _count(work, job.input["import_id"])
        job.progress = {"total": total, "done": 0, "archived": 0, "restored": 0, "left": 0}
    rows = _rows(work, job.input["import_id"], job.checkpoint["line"])
    if rows:
        also = _others_of(work, rows)
        counts = _take_back(work, [*rows, *also])
        job.progress = {**job.progress, "done": job.progress["done"] + len(rows) + len(also)}
        job.progress |= {name: job.progress[name] + count for name, count in counts.items()}
        job.checkpoint = {"line": rows[-1].line}
    if len(rows) < ROWS_A_STEP:
        record = work.session.get_one(Import, job.input["import_id"])
        counts = {name: job.progress[name] for name in ("archived", "restored", "left")}
        work.record(import_undone, None, import_id=record.id, file_name=record.file_name, **counts)
        job.finish(**counts)


def _rows(work: Any, import_id: str, before: int | None) -> Sequence[Any]:
    table = ImportRow.__table__.c
    statement = select(table.import_id, table.line, table.contact_id, table.effects).where(
        table.import_id == import_id, table.effects.is_not(None), table.undone.is_(None)
    )
    if before is not None:
        statement = statement.where(table.line < before)
    return work.session.execute(statement.order_by(table.line.desc()).limit(ROWS_A_STEP)).all()


def _others_of(work: Any, rows: Sequence[Any]) -> Sequence[Any]:
    """What earlier rows did to the same contacts: each contact is taken back in one piece."""
    table = ImportRow.__table__.c
    statement = select(table.import_id, table.line, table.contact_id, table.effects).where(
        table.contact_id.in_({row.contact_id for row in rows}),
        table.import_id == rows[0].import_id,
        table.line < rows[-1].line,
        table.effects.is_not(None),
        table.undone.is_(None),
    )
    return work.session.execute(statement.order_by(table.line.desc())).all()


def _count(work: Any, import_id: str) -> int:
    open_ = ImportRow.effects.is_not(None), ImportRow.undone.is_(None)
    return work.session.scalar(select(func.count()).where(ImportRow.import_id == import_id, *open_)) or 0


def _take_back(work: Any, rows: Sequence[Any]) -> dict[str, int]:
    effects = gathered((row.contact_id, row.effects) for row in rows)
    held = hold_contacts(work, effects)
    created = {id: effect for id, effect in effects.items() if effect.created is not None}
    left = _staying(work, rows[0].import_id, created, held)
    archived = [id for id in created if id not in left]
    changed = {id: effect for id, effect in effects.items() if effect.created is None}
    changed = {id: effect for id, effect in changed.items() if _is_open(held[id], left)}
    _take_words_back(work, {id: effects[id] for id in [*archived, *changed]}, left)
    archive_contacts(work, [held[id] for id in archived], reason=UNDONE)
    for contact_id, remarks in restore_cards(work, changed, held).items():
        left.setdefault(contact_id, []).extend(remarks)
    update_rows(
        work.session,
        ImportRow.__table__,
        [
            {
                "import_id": row.import_id,
                "line": row.line,
                "undone": "left" if row.contact_id in left else "taken_back",
                "undo_remarks": left.get(row.contact_id, []),
            }
            for row in rows
        ],
    )
    return {"archived": len(archived), "restored": len(changed) - sum(id in left for id in changed), "left": len(left)}


def _staying(work: Any, import_id: str, created: dict[str, Effect], held: Mapping[str, Contact]) -> dict[str, Remarks]:
    """Whom the import created and somebody has dealt with since, and why; companies also for people who stay."""
    touched = touched_since(work, created)
    left: dict[str, Remarks] = {}
    for contact_id, effect in created.items():
        contact = held[contact_id]
        if contact.standing != "active":
            left[contact_id] = [_said("The contact was archived or merged since.")]
        elif contact_id in touched or contact.version != effect.created:
            left[contact_id] = [_happened(touched.get(contact_id) or ["it was changed"])]
    companies = [id for id in created if held[id].kind == "company" and id not in left]
    staffed = staffed_since(work, import_id, companies, list(left))
    return left | {id: [_happened(["people belong to it"])] for id in staffed}


def _is_open(contact: Contact, left: dict[str, Remarks]) -> bool:
    if contact.standing == "active":
        return True
    left[contact.id] = [_said("The contact was archived or merged since, and stays as it is.")]
    return False


def _take_words_back(work: Any, effects: dict[str, Effect], left: dict[str, Remarks]) -> None:
    """Take off all that the import brought beside the card; a note edited since is somebody's by now."""
    remove_tags(work, {id: effect.tags for id, effect in effects.items() if effect.tags})
    gone = take_notes_back(work, [note for effect in effects.values() for note in effect.notes])
    for contact_id, effect in effects.items():
        if not gone.issuperset(effect.notes):
            left.setdefault(contact_id, []).append(_said("A note was edited or pinned since, and stays."))
    for contact_id, detail in take_beside_back(work, effects).items():
        left.setdefault(contact_id, []).append(_said(detail))
    brought = [(id, of, value) for id, effect in effects.items() for of, value in effect.external_ids]
    forgotten = {contact_id for contact_id, _, _ in remove_external_ids(work, brought)}
    if alone := {id for id in forgotten if not effects[id].changes and effects[id].created is None}:
        give_new_versions(work, alone)


def _happened(told: Sequence[str]) -> dict[str, str | None]:
    return _said(f"Something happened with the contact since: {', '.join(told)}.")


def _said(detail: str) -> dict[str, str | None]:
    return {"column": None, "detail": detail}

"""Writing notes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from chassis.ids import new_id
from contracts.contacts import notes as published
from contracts.errors import Forbidden, NotFound
from services.contacts.contact.actions import hold_contact
from services.contacts.notes.model import Note, NoteVersion
from services.contacts.notes.queries import get_note

EXCERPT = 200


def add_note(work: Any, request: Any) -> Note:
    """Write a note about a contact, in the name of who asks."""
    contact = hold_contact(work, request.contact_id)
    [note] = add_notes(work, {contact.id: [request.text]}, pinned=request.pinned)
    return work.session.get_one(Note, note["id"])


def add_notes(work: Any, texts: Mapping[str, Iterable[str]], *, pinned: bool = False) -> list[dict[str, Any]]:
    """Write notes about many contacts at once (contact id → texts) and announce each."""
    rows = [
        {"id": new_id(), "contact_id": contact, "text": text, "pinned": pinned, "author_id": work.actor.id,
         "author_name": work.actor.name or work.actor.role, "created_at": work.now, "version": 1}
        for contact, several in texts.items()
        for text in several
    ]  # fmt: skip
    if rows:
        work.session.execute(sa.insert(Note.__table__), rows)
    for row in rows:
        work.record(
            published.note_added,
            row["contact_id"],
            note_id=row["id"],
            excerpt=excerpt_of(row["text"]),
            author=row["author_name"],
        )
    return rows


def take_notes_back(work: Any, note_ids: Sequence[str]) -> set[str]:
    """Delete notes that nobody edited or pinned since they were written; tell which are gone, by whomever."""
    untouched = Note.id.in_(note_ids), Note.version == 1
    gone = work.session.execute(sa.delete(Note).where(*untouched).returning(Note.id, Note.contact_id)).all()
    work.record_many(published.note_removed, [(note.contact_id, {"note_id": note.id}) for note in gone])
    removed = sa.select(Note.id).where(Note.id.in_(note_ids), Note.removed_at.is_not(None))
    return {note.id for note in gone}.union(work.session.scalars(removed))


def edit_note(work: Any, request: Any) -> Note:
    """Change a note: its text only by who wrote it, and the earlier text is kept."""
    note = _held(work, request)
    work.expect(note.version)
    changes: dict[str, dict[str, Any]] = {}
    if request.text is not None and request.text != note.text:
        if note.author_id != work.actor.id:
            raise Forbidden("Only who wrote a note may change its text.")
        changes["text"] = {"before": excerpt_of(note.text), "after": excerpt_of(request.text)}
        _keep_text(work, note)
        note.text, note.edited_at = request.text, work.now
    if request.pinned is not None and request.pinned != note.pinned:
        changes["pinned"] = {"before": note.pinned, "after": request.pinned}
        note.pinned = request.pinned
    if changes:
        note.version += 1
        told = {"note_id": note.id, "changes": changes, "excerpt": excerpt_of(note.text), "version": note.version}
        work.record(published.note_changed, note.contact_id, **told)
    return note


def remove_note(work: Any, request: Any) -> dict[str, Any]:
    """Take a note out of sight, by who wrote it or who may remove any; its last text is kept with the earlier ones."""
    note = _held(work, request)
    work.expect(note.version)
    if note.author_id != work.actor.id and not work.actor.may("notes.manage"):
        raise Forbidden("Only who wrote a note may remove it, or an admin.")
    _keep_text(work, note)
    note.removed_at = work.now
    note.version += 1
    work.record(published.note_removed, note.contact_id, note_id=note.id)
    return {}


def _held(work: Any, request: Any) -> Note:
    """The note behind the lock of its contact, who may not be archived."""
    hold_contact(work, get_note(work, request).contact_id)
    note = work.session.get(Note, request.note_id, populate_existing=True)
    if note is None or note.removed_at:
        raise NotFound("There is no such note.")
    return note


def _keep_text(work: Any, note: Note) -> None:
    earlier = {"note_id": note.id, "version": note.version, "contact_id": note.contact_id, "text": note.text}
    work.session.add(NoteVersion(**earlier, replaced_at=work.now))


def excerpt_of(text: str) -> str:
    """The beginning of a text on one line."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else line[: EXCERPT - 1] + "…"

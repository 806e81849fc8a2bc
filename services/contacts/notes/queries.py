"""Reading notes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.pages import keys_for, narrowed, page_of
from contracts.errors import NotFound
from services.contacts.contact.queries import known_contact
from services.contacts.notes.model import Note, NoteVersion


def list_notes(work: Any, request: Any) -> dict[str, Any]:
    """List a contact's notes."""
    contact_id = known_contact(work, request.contact_id)
    there = sa.select(Note).where(Note.contact_id == contact_id, Note.removed_at.is_(None))
    statement = narrowed(there, request, Note.pinned, Note.author_id)
    keys = keys_for(request.sort, oldest=[Note.id], pinned=[Note.pinned.desc(), Note.id.desc()])
    return page_of(work, statement, keys, request)


def get_note(work: Any, request: Any) -> Note:
    """Answer one note."""
    note = work.session.get(Note, request.note_id)
    if note is None or note.removed_at:
        raise NotFound("There is no such note.")
    return note


def list_note_versions(work: Any, request: Any) -> dict[str, Any]:
    """List the texts that a note had before; those of a removed one only for who may remove any."""
    note = work.session.get(Note, request.note_id)
    if note is None or (note.removed_at and not work.actor.may("notes.manage")):
        raise NotFound("There is no such note.")
    statement = sa.select(NoteVersion).where(NoteVersion.note_id == note.id)
    return page_of(work, statement, keys_for(request.sort, oldest=[NoteVersion.version]), request)

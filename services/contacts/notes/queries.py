"""Reading notes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.pages import page_of
from contracts.errors import NotFound
from services.contacts.contact.queries import known_contact
from services.contacts.notes.model import Note, NoteVersion


def list_notes(work: Any, request: Any) -> dict[str, Any]:
    """List a contact's notes, the pinned ones first, then the newest."""
    contact_id = known_contact(work, request.contact_id)
    statement = sa.select(Note).where(Note.contact_id == contact_id)
    return page_of(work, statement, [Note.pinned.desc(), Note.id.desc()], request)


def list_note_versions(work: Any, request: Any) -> dict[str, Any]:
    """List the texts that a note had before, the latest first."""
    if work.session.get(Note, request.note_id) is None:
        raise NotFound("There is no such note.")
    statement = sa.select(NoteVersion).where(NoteVersion.note_id == request.note_id)
    return page_of(work, statement, [NoteVersion.version.desc()], request)

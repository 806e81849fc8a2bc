"""Notes: what the team writes down about a contact."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from contracts.billing.card_numbers import NoCardNumbers
from contracts.errors import Conflict, Forbidden, Invalid, Merged, NotFound, Stale
from contracts.language import Boolean, Event, Id, Moment, PageRequest, Rpc, Schema, Sort, Text, page_of


class NoteText(Text):
    """Free text with line breaks, 20,000 characters at most."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min=1, max=20_000, multiline=True, **kwargs)


class AddNote(NoCardNumbers):
    contact_id = Id(required=True)
    text = NoteText(required=True)
    pinned = Boolean(load_default=False)


class NoteId(Schema):
    note_id = Id(required=True)


class EditNote(NoteId, NoCardNumbers):
    """A merge-patch."""

    text = NoteText()
    pinned = Boolean()


class ListNotes(PageRequest):
    """`pinned` orders the pinned ones first, then the newest."""

    contact_id = Id(required=True)
    pinned = Boolean()
    author_id = Id()
    sort = Sort("pinned", "newest", "oldest")


class ListNoteVersions(PageRequest):
    note_id = Id(required=True)
    sort = Sort("newest", "oldest")


class NoteAuthor(Schema):
    """Who wrote it; the name is kept as it was, whoever leaves."""

    id = fields.String(required=True, allow_none=True)
    name = fields.String(required=True)


class Note(Schema):
    id = Id(required=True)
    contact_id = Id(required=True)
    text = fields.String(required=True)
    pinned = Boolean(required=True)
    author = fields.Nested(NoteAuthor, required=True)
    created_at = Moment(required=True)
    edited_at = Moment(required=True, allow_none=True)
    version = fields.Integer(required=True)


class NoteVersion(Schema):
    """A text that the note had until `replaced_at`."""

    version = fields.Integer(required=True)
    text = fields.String(required=True)
    replaced_at = Moment(required=True)


class NoteRemoved(Schema):
    note_id = Id(required=True)


class NoteChanged(Schema):
    """`changes` is `{field: {"before": …, "after": …}}`, of the text the excerpts."""

    note_id = Id(required=True)
    changes = fields.Dict(keys=fields.String(), values=fields.Dict(keys=fields.String()), required=True)
    excerpt = fields.String(required=True)
    version = fields.Integer(required=True)


class NoteAdded(Schema):
    note_id = Id(required=True)
    excerpt = fields.String(required=True, metadata={"description": "the first 200 characters, on one line"})
    author = fields.String(required=True)


add_note = Rpc(
    "contacts",
    "add_note",
    needs="contacts.write",
    takes=AddNote,
    gives=Note,
    raises=(NotFound, Merged, Conflict),
    about="Write a note about a contact, in the name of who asks.",
)
get_note = Rpc(
    "contacts", "get_note", needs="contacts.read", takes=NoteId, gives=Note, raises=(NotFound,), writes=False
)
edit_note = Rpc(
    "contacts",
    "edit_note",
    needs="contacts.write",
    takes=EditNote,
    gives=Note,
    raises=(NotFound, Merged, Forbidden, Conflict, Stale),
    about="Change one's own note, keeping the earlier text; pinning is open to everyone who may write.",
)
remove_note = Rpc(
    "contacts",
    "remove_note",
    needs="contacts.write",
    takes=NoteId,
    raises=(NotFound, Merged, Forbidden, Conflict, Stale),
    about="Take one's own note away, or anybody's with the permission notes.manage. Its texts are kept for them alone.",
)
list_notes = Rpc(
    "contacts",
    "list_notes",
    needs="contacts.read",
    takes=ListNotes,
    gives=page_of(Note),
    raises=(NotFound, Merged, Invalid),
    writes=False,
    about="List a contact's notes.",
)
list_note_versions = Rpc(
    "contacts",
    "list_note_versions",
    needs="contacts.read",
    takes=ListNoteVersions,
    gives=page_of(NoteVersion),
    raises=(NotFound, Invalid),
    writes=False,
    about="List the texts that a note had before; of a removed one, who may remove notes of others reads the last too.",
)

note_removed = Event(
    "contacts", "note.removed", data=NoteRemoved,
    about="A note was taken away by hand, or with the import that had brought it.",
)  # fmt: skip
note_changed = Event(
    "contacts", "note.changed", data=NoteChanged, personal=("changes", "excerpt"),
    about="A note was edited or pinned; the earlier text is kept with it.",
)  # fmt: skip
note_added = Event("contacts", "note.added", data=NoteAdded, personal=("excerpt",), about="A note was written.")

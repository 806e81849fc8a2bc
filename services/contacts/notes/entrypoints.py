"""The doors of the notes."""

from chassis.entrypoints import Room, serves
from contracts.contacts import notes
from services.contacts.notes import actions, queries


class Notes(Room):
    add_note = serves(notes.add_note, actions.add_note)
    edit_note = serves(notes.edit_note, actions.edit_note)
    remove_note = serves(notes.remove_note, actions.remove_note)
    get_note = serves(notes.get_note, queries.get_note)
    list_notes = serves(notes.list_notes, queries.list_notes)
    list_note_versions = serves(notes.list_note_versions, queries.list_note_versions)

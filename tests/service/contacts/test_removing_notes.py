"""A note can be taken away; what it said is kept for who answers for it."""

from __future__ import annotations

import uuid

import pytest

from chassis.actor import Actor
from contracts.contacts import import_results, notes, timeline
from contracts.errors import Forbidden, NotFound, Stale
from tests.builders.sessions import a_guest
from tests.builders.waiting import eventually
from tests.service.contacts.importing_files import ended, imported, table

SALLY = Actor("00000000-0000-7000-8000-00000000005a", "sales", "Sally")


@pytest.mark.requirement("C30", "C31", "G06")
def test_who_wrote_a_note_takes_it_away_and_its_texts_are_kept(ask, subscriber):
    listener = subscriber("contacts.events", "note.*")
    ada = a_guest(ask)
    note = ask(notes.add_note, contact_id=ada, text="Likes mornings.", actor=SALLY)
    stays = ask(notes.add_note, contact_id=ada, text="Has a dog.", pinned=True)
    one = {"note_id": note["id"]}
    ask(notes.edit_note, **one, text="Likes evenings.", actor=SALLY)
    for refused in ("sales", "staff"):
        with pytest.raises(Forbidden):
            ask(notes.remove_note, **one, actor=refused)
    with pytest.raises(Stale):
        ask(notes.remove_note, **one, actor=SALLY, expected_version=1)
    assert ask(notes.remove_note, **one, actor=SALLY, expected_version=2) == {}
    assert listener.wait_for("note.removed", subject=ada).data == one

    assert ask(notes.list_notes, contact_id=ada)["items"] == [stays]
    for rpc, more in [(notes.get_note, {}), (notes.edit_note, {"pinned": True}), (notes.remove_note, {})]:
        with pytest.raises(NotFound):
            ask(rpc, **one, **more)
    with pytest.raises(NotFound):
        ask(notes.list_note_versions, **one, actor=SALLY)
    texts = [(kept["version"], kept["text"]) for kept in ask(notes.list_note_versions, **one, actor="admin")["items"]]
    assert texts == [(2, "Likes evenings."), (1, "Likes mornings.")]
    told = eventually(lambda: ask(timeline.get_timeline, contact_id=ada, type="note.removed")["items"])
    assert [(entry["summary"], entry["actor"]["name"]) for entry in told] == [("A note was taken away", "Sally")]
    about_notes = {"contact_id": ada, "type": "note.added,note.changed", "sort": "oldest"}
    seen = ask(timeline.get_timeline, **about_notes, actor=SALLY)["items"]
    assert [entry["summary"] for entry in seen] == [
        "Note by Sally",
        f"Note by {stays['author']['name']}: Has a dog.",
        "Note changed (text)",
    ]
    assert "mornings" not in str(seen)
    assert "evenings" not in str(seen)
    assert "Likes evenings." in str(ask(timeline.get_timeline, **about_notes, actor="admin"))
    ask(notes.remove_note, note_id=stays["id"], actor="admin")  # an admin takes away anybody's


@pytest.mark.requirement("C19", "C30")
def test_a_note_that_was_taken_away_is_nothing_for_an_import_to_take_back_or_bring_again(house, ask):
    address = f"{uuid.uuid4().hex}@example.org"
    ada = a_guest(ask, emails=[{"value": address}])
    sheet = table(["Email", "Notes"], [address, "Likes mornings."])
    job = imported(house, sheet)
    [note] = ask(notes.list_notes, contact_id=ada)["items"]
    ask(notes.remove_note, note_id=note["id"])
    imported(house, sheet)
    assert ask(notes.list_notes, contact_id=ada)["items"] == []
    undo = ask(import_results.undo_import, import_id=job["id"])
    assert ended(house, undo["job_id"])["result"] == {"archived": 0, "restored": 1, "left": 0}

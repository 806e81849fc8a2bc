"""Tags and notes, by the door."""

from __future__ import annotations

import uuid

import pytest
import sqlalchemy as sa

from contracts.contacts import notes, people, tags
from contracts.errors import Conflict, Forbidden, NotFound


@pytest.fixture
def contact(ask):
    """Somebody new."""
    word = uuid.uuid4().hex[:12]
    owner = ask(people.create_contact, first_name="Ada", enter_as="customer", emails=[{"value": f"{word}@example.org"}])
    return owner["id"]


@pytest.mark.requirement("C21")
def test_a_tag_is_put_on_once_whatever_its_spelling(ask, subscriber, contact):
    listener = subscriber("contacts.events", "contact.*")
    word = uuid.uuid4().hex[:8]
    assert ask(tags.add_tag, contact_id=contact, tag=f"Early  Bird {word}")["changed"]
    again = ask(tags.add_tag, contact_id=contact, tag=f"early bird {word.upper()}")
    assert (again["changed"], again["tags"]) == (False, [f"Early Bird {word}"])
    assert ask(tags.remove_tag, contact_id=contact, tag=f"EARLY BIRD {word}")["tags"] == []
    assert not ask(tags.remove_tag, contact_id=contact, tag=f"early bird {word}")["changed"]
    listener.wait_for("contact.untagged", subject=contact)
    told = [event.type for event in listener.heard if event.subject == contact and "tagged" in event.type]
    assert told == ["contact.tagged", "contact.untagged"]


@pytest.mark.requirement("C21")
def test_a_tag_of_the_system_is_not_for_hands(ask, contact):
    with pytest.raises(Conflict):
        ask(tags.add_tag, contact_id=contact, tag="Active-Member")


@pytest.mark.requirement("C21")
def test_the_tags_of_the_business_are_listed_in_pages(ask, contact):
    word = uuid.uuid4().hex[:8]
    for n in range(3):
        ask(tags.add_tag, contact_id=contact, tag=f"{word} {n}")
    first = ask(tags.list_tags, contact_id=contact, limit=2)
    rest = ask(tags.list_tags, contact_id=contact, limit=2, cursor=first["next"])
    assert [tag["name"] for tag in first["items"] + rest["items"]] == [f"{word} {n}" for n in range(3)]
    assert rest["next"] is None


@pytest.mark.requirement("C30")
def test_a_note_is_its_authors_and_keeps_its_earlier_text(ask, contact):
    note = ask(notes.add_note, contact_id=contact, text="Likes mornings.\nHas a dog.")
    assert note["text"] == "Likes mornings.\nHas a dog."
    assert note["author"]["name"]
    with pytest.raises(Forbidden):
        ask(notes.edit_note, actor="sales", note_id=note["id"], text="Likes evenings.")
    edited = ask(notes.edit_note, note_id=note["id"], text="Likes evenings.")
    assert (edited["text"], edited["version"]) == ("Likes evenings.", 2)
    assert edited["edited_at"] is not None
    [earlier] = ask(notes.list_note_versions, note_id=note["id"])["items"]
    assert (earlier["version"], earlier["text"]) == (1, "Likes mornings.\nHas a dog.")


@pytest.mark.requirement("C30")
def test_an_edit_that_changes_nothing_is_no_version(ask, contact):
    note = ask(notes.add_note, contact_id=contact, text="As it is.")
    assert ask(notes.edit_note, note_id=note["id"], text="As it is.")["version"] == 1
    assert ask(notes.list_note_versions, note_id=note["id"])["items"] == []


@pytest.mark.requirement("C30")
def test_pinned_notes_come_first_over_all_pages(ask, contact):
    old = ask(notes.add_note, contact_id=contact, text="old")
    ask(notes.add_note, contact_id=contact, text="new")
    ask(notes.add_note, contact_id=contact, text="newest")
    ask(notes.edit_note, actor="sales", note_id=old["id"], pinned=True)
    seen, cursor = [], None
    for _ in range(3):
        page = ask(notes.list_notes, contact_id=contact, limit=1, **({"cursor": cursor} if cursor else {}))
        seen += [note["text"] for note in page["items"]]
        cursor = page["next"]
    assert (seen, cursor) == (["old", "newest", "new"], None)


@pytest.mark.requirement("C30")
def test_a_note_is_announced_by_its_beginning(ask, subscriber, contact):
    listener = subscriber("contacts.events", "note.*")
    note = ask(notes.add_note, contact_id=contact, text="line\n" * 100)
    event = listener.wait_for("note.added", subject=contact)
    assert event.data["note_id"] == note["id"]
    assert event.data["excerpt"].startswith("line line")
    assert len(event.data["excerpt"]) <= 200


@pytest.mark.requirement("C30", "C31")
def test_an_edit_is_announced_once_with_what_was_before(ask, subscriber, contact):
    listener = subscriber("contacts.events", "note.changed")
    note = ask(notes.add_note, contact_id=contact, text="Likes mornings.")
    one = {"note_id": note["id"]}
    ask(notes.edit_note, **one, text="Likes mornings.", pinned=False)  # nothing changes
    edited = ask(notes.edit_note, **one, text="Likes evenings.", pinned=True)
    told = listener.wait_for("note.changed", subject=contact).data
    changes = {
        "text": {"before": "Likes mornings.", "after": "Likes evenings."},
        "pinned": {"before": False, "after": True},
    }
    assert told == {**one, "changes": changes, "excerpt": "Likes evenings.", "version": 2}
    assert ask(notes.get_note, actor="practitioner", **one) == edited


@pytest.mark.requirement("C30", "C39")
def test_a_note_of_somebody_archived_stays_as_it_is(ask, database, contact):
    note = ask(notes.add_note, contact_id=contact, text="As it was.")
    with database("contacts").begin() as connection:
        connection.execute(sa.text("UPDATE contacts SET standing = 'archived' WHERE id = :id"), {"id": contact})
    for change in ({"text": "Otherwise."}, {"pinned": True}):
        with pytest.raises(Conflict):
            ask(notes.edit_note, note_id=note["id"], **change)
    assert ask(notes.get_note, note_id=note["id"]) == note


@pytest.mark.parametrize(
    ("rpc", "more"),
    [
        (tags.add_tag, {"tag": "x"}),
        (tags.remove_tag, {"tag": "x"}),
        (tags.list_tags, {}),
        (notes.add_note, {"text": "x"}),
        (notes.list_notes, {}),
    ],
    ids=str,
)
def test_nobodys_tags_and_notes_are_not_found(ask, rpc, more):
    with pytest.raises(NotFound):
        ask(rpc, contact_id=str(uuid.uuid4()), **more)


@pytest.mark.requirement("C30")
def test_one_note_is_read_and_notes_are_found_by_pin_and_author(ask, contact):
    plain = ask(notes.add_note, contact_id=contact, text="plain")
    pinned = ask(notes.add_note, contact_id=contact, text="pinned", pinned=True)
    assert ask(notes.get_note, note_id=plain["id"]) == plain
    with pytest.raises(NotFound):
        ask(notes.get_note, note_id=str(uuid.uuid4()))
    for asked, expected in (({"pinned": True}, [pinned]), ({"pinned": False}, [plain])):
        assert ask(notes.list_notes, contact_id=contact, **asked)["items"] == expected
    of_author = {"contact_id": contact, "sort": "oldest"}
    assert ask(notes.list_notes, author_id=plain["author"]["id"], **of_author)["items"] == [plain, pinned]
    assert ask(notes.list_notes, author_id=str(uuid.uuid4()), **of_author)["items"] == []


@pytest.mark.requirement("C21")
def test_tags_are_found_by_a_part_of_their_name_the_systems_apart(ask, contact):
    word = uuid.uuid4().hex[:8]
    ask(tags.add_tag, contact_id=contact, tag=f"100%_{word}")
    assert [tag["name"] for tag in ask(tags.list_tags, q=f"%_{word.upper()}")["items"]] == [f"100%_{word}"]
    assert ask(tags.list_tags, q=word, system=True)["items"] == []
    assert all(tag["system"] for tag in ask(tags.list_tags, system=True)["items"])

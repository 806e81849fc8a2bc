"""An import is taken back: whom it brought goes, what it changed is as it was, and what was changed since stays."""

from __future__ import annotations

import pytest

from contracts.contacts import external_ids, import_results, importing, notes, people, tags
from contracts.errors import Conflict
from tests.service.contacts.importing_files import counts, ended, found, imported, own_tags, stored, table


def undone(house, job, **wishes):
    started = house.ask(import_results.undo_import, import_id=job["id"], **wishes)
    return ended(house, started["job_id"])


@pytest.fixture
def ada(house, ask, someone):
    """Somebody who was here before."""
    imported(house, table(["First name", "Email"], ["Ada", f"{someone}@example.org"]))
    [contact] = found(ask, someone)
    return contact


MORE = ["First name", "Last name", "Email", "Phone", "Birthday", "Tags", "Notes", "Customer since", "External id"]


def more_of(someone):
    return table(
        MORE,
        ["Ada", "", f"{someone}@example.org", "+44 20 7946 0958", "1990-12-10", "Early bird", "A note", "2019-01-22",
         someone],
        ["Bob", someone, f"bob.{someone}@example.org", "", "", "Early bird", "Another", "", f"bob-{someone}"],
    )  # fmt: skip


@pytest.mark.requirement("C19")
def test_what_an_import_changed_is_as_it_was_and_whom_it_brought_is_archived(house, ask, ada, someone, subscriber):
    listener = subscriber("contacts.events", "#")
    job = imported(house, more_of(someone))
    assert (counts(job)["created"], counts(job)["updated"]) == (1, 1)
    [bob] = found(ask, f"bob {someone}")
    undo = undone(house, job)
    assert (undo["state"], undo["result"]) == ("done", {"archived": 1, "restored": 1, "left": 0})
    [now] = found(ask, someone)
    for name in ("first_name", "last_name", "emails", "phones", "birthday", "customer_since"):
        assert now[name] == ada[name], name
    assert own_tags(ask, ada) == []
    assert ask(notes.list_notes, contact_id=ada["id"])["items"] == []
    assert ask(external_ids.list_external_ids, contact_id=ada["id"])["items"] == []
    gone = ask(people.get_contact, contact_id=bob["id"])
    assert gone["standing"] == "archived"
    told = listener.wait_for("import.undone", seconds=20)
    assert told.data["archived"] == 1
    rows = ask(import_results.list_import_rows, import_id=job["id"])["items"]
    assert {row["undone"] for row in rows} == {"taken_back"}
    assert ask(importing.get_import, import_id=job["id"])["state"] == "undone"


@pytest.mark.requirement("C19", "C21")
def test_what_the_system_does_by_itself_does_not_keep_anybody_here(house, ask, someone, eventually):
    job = imported(house, table(["First name", "Email"], ["Ada", f"{someone}@example.org"]))
    [ada] = found(ask, someone)
    eventually(lambda: ask(tags.list_tags, contact_id=ada["id"])["items"], lambda items: items, seconds=20)
    assert undone(house, job)["result"] == {"archived": 1, "restored": 0, "left": 0}


@pytest.mark.requirement("C19")
def test_undoing_twice_is_once(house, ask, ada, someone):
    job = imported(house, more_of(someone))
    first = undone(house, job)
    assert undone(house, job)["id"] == first["id"]
    [now] = found(ask, someone)
    assert now["version"] == ada["version"] + 2


@pytest.mark.requirement("C19")
def test_what_was_changed_since_is_left_and_listed(house, ask, ada, someone):
    job = imported(house, more_of(someone))
    [bob] = found(ask, f"bob {someone}")
    ask(people.change_contact, contact_id=ada["id"], birthday="1991-01-01")
    ask(notes.add_note, contact_id=bob["id"], text="Called, wants a trial")
    undo = undone(house, job)
    assert undo["result"] == {"archived": 0, "restored": 0, "left": 2}
    now = ask(people.get_contact, contact_id=ada["id"])
    assert (now["birthday"], now["phones"], now["last_name"]) == ("1991-01-01", [], None)
    assert ask(people.get_contact, contact_id=bob["id"])["standing"] == "active"
    assert own_tags(ask, bob) == ["Early bird"]
    left = ask(import_results.list_import_rows, import_id=job["id"], undone="left")["items"]
    assert [row["undo_remarks"][0]["column"] for row in left] == ["birthday", None]
    assert "note added" in left[1]["undo_remarks"][0]["detail"]


@pytest.mark.requirement("C05", "C19")
def test_who_was_taken_back_comes_back_under_the_same_id_and_number(house, ask, someone):
    header = ["First name", "Email", "Membership number", "Tags"]
    number = f"M-{someone}"
    first = imported(house, table(header, ["Wrong", f"{someone}@example.org", number, "Old"]))
    [before] = found(ask, someone)
    undone(house, first)
    assert found(ask, someone) == []
    again = imported(house, table(header, ["Right", f"{someone}@example.org", number, "New"]))
    assert counts(again)["created"] == 1
    [after] = found(ask, someone)
    assert (after["id"], after["first_name"], after["membership_number"]) == (before["id"], "Right", number)
    assert own_tags(ask, after) == ["New"]
    assert undone(house, again)["result"]["archived"] == 1


@pytest.mark.requirement("C16", "C19")
def test_the_address_of_who_was_taken_back_is_free(house, ask, someone):
    job = imported(house, table(["First name", "Email"], ["Ada", f"{someone}@example.org"]))
    undone(house, job)
    entered = ask(people.create_contact, first_name="Ada", emails=[{"value": f"{someone}@example.org"}],
                  enter_as="customer")  # fmt: skip
    assert counts(imported(house, table(["First name", "Email"], ["Ada", f"{someone}@example.org"])))["unchanged"] == 1
    assert [one["id"] for one in found(ask, someone)] == [entered["id"]]


@pytest.mark.requirement("C19")
def test_who_was_changed_by_many_rows_is_taken_back_in_one_piece(house, ask, someone):
    rows = [
        ["Ada", f"{someone}@example.org", f"tag{n % 7}", f"note {n}" if n in (2, 1400) else ""] for n in range(1500)
    ]
    job = imported(house, table(["First name", "Email", "Tags", "Notes"], *rows))
    assert counts(job)["created"] == 1
    assert undone(house, job)["result"] == {"archived": 1, "restored": 0, "left": 0}


@pytest.mark.requirement("C19")
def test_what_has_not_been_imported_cannot_be_undone(house, ask, someone):
    key = stored(house, table(["First name", "Email"], ["Ada", f"{someone}@example.org"]))
    previewed = ask(importing.start_import, file_key=key, file_name="p.csv", preview=True)
    ended(house, previewed["job_id"])
    with pytest.raises(Conflict):
        ask(import_results.undo_import, import_id=previewed["id"])

"""A row says otherwise than the contact: what is kept, what is overwritten, and what each row is told of it."""

from __future__ import annotations

import pytest

from contracts.contacts import import_previews, import_results, importing, people
from tests.service.contacts.importing_files import counts, ended, found, imported, stored, table

HEADER = ["First name", "Last name", "Email", "Phone", "Birthday", "Customer since", "Address 1 - Label",
          "Address 1 - Street", "Address 1 - City", "Tags"]  # fmt: skip
CARD = ("first_name", "last_name", "birthday", "customer_since", "emails", "phones", "addresses")


def rows_of(ask, job):
    return ask(import_results.list_import_rows, import_id=job["id"])["items"]


def card_of(ask, contact_id):
    return {name: ask(people.get_contact, contact_id=contact_id)[name] for name in CARD}


@pytest.fixture
def ada(house, ask, someone):
    """Somebody of whom a good deal is known already."""
    row = ["Ada", someone, f"{someone}@example.org", "", "1990-12-10", "2020-01-01", "home", "Old Road 1", "Bath", ""]
    imported(house, table(HEADER, row))
    return found(ask, someone)[0]["id"]


def corrected(someone, **more):
    row = {"First name": "Adah", "Email": f"{someone}@example.org", "Phone": "+44 20 7946 0958",
           "Birthday": "1991-12-10", "Customer since": "2021-05-05", "Address 1 - Label": "Home",
           "Address 1 - Street": "New Road 2", "Address 1 - City": "York"} | more  # fmt: skip
    return [row.get(name, "") for name in HEADER]


@pytest.mark.requirement("C19")
def test_overwriting_puts_the_file_in_the_place_of_what_stands_and_undoing_puts_it_back(house, ask, ada, someone):
    before = card_of(ask, ada)
    job = imported(house, table(HEADER, corrected(someone)), on_conflict="overwrite")
    assert counts(job)["updated"] == 1
    after = card_of(ask, ada)
    assert (after["first_name"], after["last_name"], after["birthday"]) == ("Adah", someone, "1991-12-10")
    assert (after["customer_since"], after["emails"]) == ("2021-05-05", before["emails"])
    assert [(one["street"], one["primary"]) for one in after["addresses"]] == [("New Road 2", True)]
    [row] = rows_of(ask, job)
    assert row["changes"]["first_name"] == {"before": "Ada", "after": "Adah"}
    assert row["changes"]["customer_since"] == {"before": "2020-01-01", "after": "2021-05-05"}
    assert (row["not_taken"], ask(importing.get_import, import_id=job["id"])["on_conflict"]) == ([], "overwrite")
    assert counts(imported(house, table(HEADER, corrected(someone)), on_conflict="overwrite"))["unchanged"] == 1
    undo = ended(house, ask(import_results.undo_import, import_id=job["id"])["job_id"])
    assert undo["result"] == {"archived": 0, "restored": 1, "left": 0}
    assert card_of(ask, ada) == before


@pytest.mark.requirement("C19")
def test_undoing_leaves_what_was_changed_after_it_was_overwritten(house, ask, ada, someone):
    job = imported(house, table(HEADER, corrected(someone)), on_conflict="overwrite")
    ask(people.change_contact, contact_id=ada, first_name="Augusta")
    ended(house, ask(import_results.undo_import, import_id=job["id"])["job_id"])
    after = card_of(ask, ada)
    assert (after["first_name"], after["birthday"]) == ("Augusta", "1990-12-10")
    assert [one["street"] for one in after["addresses"]] == ["Old Road 1"]
    [row] = rows_of(ask, job)
    assert [remark["column"] for remark in row["undo_remarks"]] == ["first_name"]


@pytest.mark.requirement("C19")
def test_keeping_tells_of_each_row_what_was_not_taken(house, ask, ada, someone):
    job = imported(house, table(HEADER, corrected(someone)))
    [row] = rows_of(ask, job)
    assert set(row["changes"]) == {"phones", "addresses"}
    assert row["not_taken"] == [
        {"field": "first_name", "kept": "Ada", "given": "Adah"},
        {"field": "birthday", "kept": "1990-12-10", "given": "1991-12-10"},
        {"field": "customer_since", "kept": "2020-01-01", "given": "2021-05-05"},
    ]
    same = corrected(
        someone, **{"First name": someone.upper(), "Last name": "ADA", "Birthday": "", "Customer since": ""}
    )
    [row] = rows_of(ask, imported(house, table(HEADER, same)))
    assert (row["outcome"], row["not_taken"]) == ("unchanged", [])


@pytest.mark.requirement("C19")
def test_a_repeated_row_tells_what_it_added_itself(house, ask, someone):
    address = f"{someone}@example.org"
    file = table(
        ["First name", "Email", "Birthday", "Tags", "Notes"],
        ["Ada", address, "", "", ""],
        ["Ada", address, "1990-12-10", "", ""],
        ["Ada", address, "", "Early bird", "Likes tea"],
        ["Eve", address, "1990-12-10", "early bird", ""],
    )
    first, dated, tagged, other = rows_of(ask, imported(house, file))
    assert (first["outcome"], first["changes"], first["added"]) == ("created", None, None)
    assert (dated["outcome"], dated["changes"]) == ("updated", {"birthday": {"before": None, "after": "1990-12-10"}})
    assert (tagged["outcome"], tagged["changes"]) == ("updated", None)
    assert tagged["added"] == {"tags": ["Early bird"], "notes": ["Likes tea"]}
    assert (other["outcome"], other["added"]) == ("unchanged", None)
    assert [one["given"] for one in other["not_taken"]] == ["Eve"]


@pytest.mark.requirement("C19")
def test_a_preview_tells_what_would_be_overwritten(house, ask, ada, someone):
    before = card_of(ask, ada)
    key = stored(house, table(HEADER, corrected(someone)))
    begun = ask(importing.start_import, file_key=key, file_name="p.csv", preview=True)
    ended(house, begun["job_id"])
    [row] = ask(import_previews.preview_import, import_id=begun["id"])["rows"]
    assert [one["field"] for one in row["not_taken"]] == ["first_name", "birthday", "customer_since"]
    corrected_one = ask(import_previews.correct_import, import_id=begun["id"], on_conflict="overwrite")
    ended(house, corrected_one["job_id"])
    [row] = ask(import_previews.preview_import, import_id=begun["id"])["rows"]
    assert (row["not_taken"], row["changes"]["first_name"]["after"]) == ([], "Adah")
    assert card_of(ask, ada) == before

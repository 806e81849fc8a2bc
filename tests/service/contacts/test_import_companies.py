"""The companies that the people of a file belong to are found, or entered once, and go when the import is undone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from contracts.contacts import companies, import_previews, import_results, importing, notes, people
from contracts.errors import NotFound
from contracts.pipeline import leads
from tests.builders.waiting import eventually
from tests.service.contacts.importing_files import counts, ended, found, imported, stored, table

HEADER = ["First name", "Email", "Company", "Job title"]


def companies_like(ask, word):
    return [one for one in found(ask, word) if one["kind"] == "company"]


def of(ask, contact):
    return [
        place["company"]["id"] for place in ask(companies.list_companies_of_person, contact_id=contact["id"])["items"]
    ]


def undone(house, job):
    ended(house, (house.ask(import_results.undo_import, import_id=job["id"]))["job_id"])
    return ended(house, house.ask(importing.get_import, import_id=job["id"])["job_id"])["result"]


def staff(word):
    return table(
        HEADER,
        ["Ada", f"ada.{word}@example.org", f"Äcme {word}", "Director"],
        ["Bob", f"bob.{word}@example.org", f"ACME  {word}", ""],
        ["Cyd", f"cyd.{word}@example.org", "n/a", ""],
        ["Dot", f"dot.{word}@example.org", f"Dots {word}", ""],
    )


@pytest.mark.requirement("C01", "C19")
def test_a_company_that_nobody_knows_is_entered_once_and_goes_with_the_import(house, ask, someone):
    job = imported(house, staff(someone))
    assert (counts(job)["created"], job["progress"]["companies"], job["result"]["companies"]) == (4, 2, 2)
    acme, dots = sorted(companies_like(ask, someone), key=lambda one: one["id"])
    assert (acme["name"], acme["entered_as"], acme["acquisition"]) == (f"Äcme {someone}", "customer", "import")
    [ada], [bob], [cyd] = (found(ask, f"{name}.{someone}") for name in ("ada", "bob", "cyd"))
    assert (of(ask, ada), of(ask, bob), of(ask, cyd)) == ([acme["id"]], [acme["id"]], [])
    assert [note["text"] for note in ask(notes.list_notes, contact_id=cyd["id"])["items"]] == ["Company: n/a"]
    eventually(lambda: ask(leads.get_lead, contact_id=ada["id"]))
    with pytest.raises(NotFound):
        ask(leads.get_lead, contact_id=acme["id"])
    entered = ask(import_results.list_import_companies, import_id=job["id"])["items"]
    assert [(one["contact_id"], one["line"]) for one in entered] == [(acme["id"], 2), (dots["id"], 5)]
    assert [one["line"] for one in ask(import_results.list_import_rows, import_id=job["id"])["items"]] == [2, 3, 4, 5]

    again = imported(house, staff(someone))
    assert (counts(again)["unchanged"], again["progress"]["companies"]) == (4, 0)
    assert undone(house, job) == {"archived": 6, "restored": 0, "left": 0}
    assert companies_like(ask, someone) == []

    back = imported(house, staff(someone))
    assert back["progress"]["companies"] == 2
    assert {one["id"] for one in companies_like(ask, someone)} == {acme["id"], dots["id"]}
    assert of(ask, ada) == [acme["id"]]
    assert undone(house, back) == {"archived": 6, "restored": 0, "left": 0}


@pytest.mark.requirement("C01", "C19")
def test_a_company_that_is_used_elsewhere_stays(house, ask, someone):
    job = imported(house, staff(someone))
    acme, dots = sorted(companies_like(ask, someone), key=lambda one: one["id"])
    [dot] = found(ask, f"dot.{someone}")
    ask(people.change_contact, contact_id=dot["id"], last_name="Com")  # she stays, and with her where she belongs
    other = imported(house, table(HEADER, ["Eve", f"eve.{someone}@example.org", f"acme {someone}", ""]))
    assert other["progress"]["companies"] == 0
    assert undone(house, job) == {"archived": 3, "restored": 0, "left": 3}
    left = ask(import_results.list_import_companies, import_id=job["id"], undone="left")["items"]
    why = "Something happened with the contact since: people belong to it."
    assert [(one["contact_id"], one["undo_remarks"][0]["detail"]) for one in left] == [
        (acme["id"], why),
        (dots["id"], why),
    ]


@pytest.mark.parametrize("wish", [{"companies": "find"}, {"mode": "update"}])
@pytest.mark.requirement("C01", "C19")
def test_no_company_is_entered_where_that_is_not_wanted(house, ask, someone, wish):
    imported(house, table(["First name", "Email"], ["Ada", f"ada.{someone}@example.org"]))
    job = imported(house, staff(someone), **wish)
    assert job["progress"]["companies"] == 0
    assert companies_like(ask, someone) == []
    [ada] = found(ask, f"ada.{someone}")
    texts = {note["text"] for note in ask(notes.list_notes, contact_id=ada["id"])["items"]}
    assert texts == {f"Company: Äcme {someone}\nJob title: Director"}


@pytest.mark.requirement("C19")
def test_a_preview_says_which_companies_it_would_enter(house, ask, someone):
    begun = ask(importing.start_import, file_key=stored(house, staff(someone)), file_name="p.csv", preview=True)
    ended(house, begun["job_id"])
    preview = ask(import_previews.preview_import, import_id=begun["id"])
    assert preview["new_companies"] == [f"Äcme {someone}", f"Dots {someone}"]
    assert companies_like(ask, someone) == []
    again = ask(import_previews.correct_import, import_id=begun["id"], companies="find")
    ended(house, again["job_id"])
    assert ask(import_previews.preview_import, import_id=begun["id"])["new_companies"] == []


@pytest.mark.requirement("C01", "C19")
def test_the_row_of_a_company_is_about_the_one_that_its_people_brought(house, ask, someone):
    """In whatever step of the file: the first thousand rows are one."""
    own = ["", f"office.{someone}@example.org", f"Acme {someone}", ""]
    others = [["Bob", f"{n}.{someone}@example.org", "", ""] for n in range(1000)]
    early = ["", f"desk.{someone}@example.org", f"Dots {someone}", ""]
    file = table(
        HEADER, early, *([name, f"{name}.{someone}@example.org", f"{firm} {someone}", ""] for name, firm in
        [("Ada", "Acme"), ("Dot", "Dots")]), *others, own,
    )  # fmt: skip
    job = imported(house, file)
    assert (counts(job)["created"], counts(job)["updated"], job["progress"]["companies"]) == (1003, 1, 1)
    assert [one["name"] for one in companies_like(ask, f"office.{someone}")] == [f"Acme {someone}"]
    assert len(companies_like(ask, f"acme {someone}")) == len(companies_like(ask, f"dots {someone}")) == 1
    assert undone(house, job)["left"] == 0
    assert companies_like(ask, someone) == []


@pytest.mark.requirement("C19")
def test_two_imports_at_once_enter_a_company_once(house, database, someone):
    files = [
        table(HEADER, *(["Ada", f"{n}.{file}.{someone}@example.org", f"{n % 50} {someone}", ""] for n in range(500)))
        for file in range(2)
    ]
    with ThreadPoolExecutor(2) as both:
        jobs = list(both.map(lambda file: imported(house, file), files))
    assert sum(job["progress"]["companies"] for job in jobs) == 50
    entered = "SELECT count(*), count(DISTINCT sort_name) FROM contacts WHERE kind = 'company' AND name LIKE :word"
    with database("contacts").connect() as connection:
        assert connection.execute(sa.text(entered), {"word": f"%{someone}"}).one() == (50, 50)

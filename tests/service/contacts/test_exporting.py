"""Contacts as a file, and back again."""

from __future__ import annotations

import csv
import datetime as dt
import io
import time

import pytest
from python_calamine import CalamineWorkbook

from chassis.ids import new_id
from chassis.storage import Folder
from contracts.billing.orders import package_paid, package_reversed
from contracts.contacts import custom_fields, exporting, import_results, people, tags
from contracts.errors import Conflict, Forbidden, Invalid, NotFound
from contracts.jobs import get_job
from tests.builders.people import a_person
from tests.service.contacts.importing_files import imported, table
from tests.service.contacts.test_bulk import ended, people_of, rules


@pytest.fixture
def exported(ask, house):
    """`exported(selection, format="xlsx")`: the bytes of the file when the job has ended."""

    def run(selection, **asked):
        export_id = ask(exporting.start_export, selection=selection, **asked)["id"]
        assert ended(ask, export_id)["state"] == "done"
        return content(house, export_id)

    return run


def content(house, export_id):
    told = house.ask(exporting.get_export_file, export_id=export_id)
    with Folder(house.env["RAPPORT_STORAGE"]).open(told["file_key"]) as file:
        return file.read()


def read(file):
    return list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"))))


@pytest.fixture
def ada(ask, someone):
    """Somebody of whom everything is known, and whose name a spreadsheet would run."""
    email = [{"value": f"{n}.{someone}@example.org", "label": "work"} for n in range(5)]
    address = {"label": "home", "street": "Hauptstraße 1\n2. Hof", "city": "Wien", "country": "AT"}
    card = a_person(
        first_name='=HYPERLINK("http://x")', last_name=f"Łoś-{someone}", enter_as="customer", emails=email,
        phones=[{"value": "+49 1512 3456789", "label": "mobile"}], addresses=[address], birthday="1990-02-28",
        gender="female", website="https://example.org", industry="Art",
    )  # fmt: skip
    ada = ask(people.create_contact, **card)["id"]
    for tag in (f"{someone}; a, b", f"{someone} too"):
        ask(tags.add_tag, contact_id=ada, tag=tag)
    return ada


@pytest.mark.requirement("C20")
@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_what_is_exported_is_imported_again_without_touching_anything(ask, house, exported, ada, someone, format):
    file = exported({"filter": rules("tags", "in", [f"{someone} too"])}, format=format)
    before = ask(people.get_contact, contact_id=ada)
    job = imported(house, file, name=f"again.{format}")
    assert (job["state"], job["progress"]["unchanged"], job["progress"]["rejected"]) == ("done", 1, 0)
    assert ask(people.get_contact, contact_id=ada) == before
    assert {tag["name"] for tag in ask(tags.list_tags, contact_id=ada)["items"]} >= {f"{someone}; a, b"}


@pytest.mark.requirement("C16", "C19", "C20")
def test_people_who_share_an_email_are_themselves_again(ask, house, exported, billing_says, eventually, someone):
    shared = [{"value": f"{someone}@example.org"}]
    ada = ask(
        people.create_contact, **a_person(first_name="Ada", last_name=someone, enter_as="customer", emails=shared)
    )["id"]
    bob = ask(people.create_contact, **a_person(first_name="Bob", last_name=someone, enter_as="customer", emails=shared,
                                                not_duplicate_of=[ada]))["id"]  # fmt: skip
    shop = ask(people.create_contact, kind="company", name=f"Shop {someone}", enter_as="customer", size="12")["id"]
    gold = {"assignment_id": new_id(), "name": "Gold", "kind": "membership"}
    billing_says(package_paid, bob, 1, since=dt.date(2026, 3, 1), **gold)
    eventually(lambda: ask(people.get_contact, contact_id=bob), lambda one: one["customer_since"])
    file = exported({"q": someone})
    before = [ask(people.get_contact, contact_id=id) for id in (ada, bob, shop)]
    told = [row["Customer since"] for row in read(file) if row["Rapport id"] == bob]
    assert told == ["2026-03-01"]
    for match_on in (["email"], ["phone"]):
        job = imported(house, file, name="again.csv", match_on=match_on)
        rows = ask(import_results.list_import_rows, import_id=job["id"])["items"]
        assert [(row["outcome"], row["remarks"]) for row in rows] == [("unchanged", [])] * 3
    assert [ask(people.get_contact, contact_id=id) for id in (ada, bob, shop)] == before
    billing_says(package_reversed, bob, 2, reason="refunded", **gold)
    eventually(lambda: ask(people.get_contact, contact_id=bob), lambda one: one["customer_since"] is None)


@pytest.mark.requirement("C19", "C20")
def test_a_rapport_id_counts_before_all_else_and_one_of_elsewhere_does_not(ask, house, ada, someone):
    header = ["Rapport id", "First name", "E-mail", "Birthday"]
    elsewhere = f"else.{someone}@example.org"
    file = table(
        header,
        [ada, "", elsewhere, ""],
        [new_id(), "Cy", f"cy.{someone}@example.org", ""],
        [new_id(), "", "", "1990-01-01"],
        ["ada", "Dan", f"dan.{someone}@example.org", ""],
    )
    job = imported(house, file)
    rows = ask(import_results.list_import_rows, import_id=job["id"])["items"]
    assert [row["outcome"] for row in rows] == ["updated", "created", "rejected", "rejected"]
    assert rows[0]["contact_id"] == ada
    assert elsewhere in [email["value"] for email in ask(people.get_contact, contact_id=ada)["emails"]]
    assert "taken as one without it" in rows[1]["remarks"][0]["detail"]
    assert "no name" in rows[2]["remarks"][0]["detail"]
    assert rows[3]["remarks"][0]["column"] == "Rapport id"


@pytest.mark.requirement("C20")
def test_cells_that_a_spreadsheet_would_run_are_defused(exported, ada, someone):
    file = exported({"ids": [ada]})
    assert file.startswith(b"\xef\xbb\xbf")
    [row] = read(file)
    assert row["First name"] == '\'=HYPERLINK("http://x")'
    assert (row["Phone 1"], row["Phone 1 label"]) == ("'+4915123456789", "mobile")
    assert row["E-mail 3"].split(" ::: ") == [f"{n}.{someone}@example.org" for n in (2, 3, 4)]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(exported({"ids": [ada]}, format="xlsx"))).get_sheet_by_index(0)
    header, cells = sheet.to_python()
    assert dict(zip(header, cells, strict=True))["First name"] == '=HYPERLINK("http://x")'


@pytest.mark.requirement("C20", "C11")
def test_columns_are_chosen_and_custom_fields_have_theirs(ask, exported, ada, eventually, someone):
    size = ask(custom_fields.create_custom_field, label=f"Size {someone}", type="number")["key"]
    ask(people.change_contact, contact_id=ada, fields={size: -4.5})
    columns = ["last_name", f"fields.{size}", "dues"]
    file = eventually(  # the facts are kept a moment after somebody is entered
        lambda: exported({"q": someone}, columns=columns, bom=False), lambda file: b"0.00 EUR" in file, seconds=30
    )
    assert read(file) == [{"Last name": f"Łoś-{someone}", f"Size {someone}": "-4.5", "Dues": "0.00 EUR"}]
    assert file.startswith(b"Last name")
    names = [column["name"] for column in ask(exporting.list_export_columns)["items"]]
    assert {"emails", f"fields.{size}"} <= set(names)
    with pytest.raises(Invalid) as refusal:
        ask(exporting.start_export, columns=["last_name", "soul"])
    assert refusal.value.errors[0]["pointer"] == "/columns/1"
    with pytest.raises(Invalid) as refusal:
        ask(exporting.start_export, selection={"filter": rules("weather", "=", "fine")})
    assert refusal.value.errors[0]["pointer"] == "/selection/filter/rules/0/field"


@pytest.mark.requirement("C20")
def test_an_export_is_for_whom_it_was_made(ask, ada):
    export_id = ask(exporting.start_export, selection={"ids": [ada]})["id"]
    with pytest.raises(NotFound):
        ask(exporting.get_export, export_id=export_id, actor="sales")
    with pytest.raises(Forbidden):
        ask(exporting.start_export, actor="dispatcher")
    ended(ask, export_id)
    assert ask(exporting.get_export, export_id=export_id)["rows"] == 1
    assert export_id in [one["id"] for one in ask(exporting.list_exports)["items"]]


@pytest.mark.requirement("C20")
def test_the_file_is_downloaded(api, ask, ada):
    answer = api.post("/exports", json={"selection": {"ids": [ada]}, "columns": ["id"]})
    assert answer.status_code == 202
    job_id = answer.headers["Location"].rpartition("/")[2]
    ended(ask, job_id)
    file = api.get(f"/exports/{job_id}/file")
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert file.content.decode("utf-8-sig").split() == ["Rapport", "id", ada]


@pytest.mark.requirement("C20")
def test_a_killed_export_writes_everybody_once(a_house):
    house = a_house(services=["contacts"], roles={"contacts": ["rpc", "jobs"]})
    people_of(house, 5000)
    export_id = house.ask(exporting.start_export, columns=["id"])["id"]
    with pytest.raises(Conflict):
        house.ask(exporting.get_export_file, export_id=export_id)
    for wanted in (1000, 3000):
        while house.ask(get_job["contacts"], job_id=export_id)["progress"].get("done", 0) < wanted:
            time.sleep(0.005)
        house.process("contacts-jobs").kill()
        house.start_again("contacts-jobs")
    assert ended(house.ask, export_id)["result"]["rows"] == 5000
    ids = [row["Rapport id"] for row in read(content(house, export_id))]
    assert (len(ids), len(set(ids))) == (5000, 5000)
    assert list(Folder(house.env["RAPPORT_STORAGE"]).older("export-parts", time.time() + 60)) == []

"""By what a row and a contact are the same, what an import brings along, and what is nobody else's."""

from __future__ import annotations

import datetime as dt
import os
import time
from pathlib import Path

import pytest

from chassis.ids import new_id
from contracts.billing.orders import package_paid
from contracts.contacts import custom_fields, external_ids, import_results, importing, people
from contracts.jobs import cancel_job, get_job
from tests.builders.waiting import eventually as until
from tests.service.contacts.importing_files import counts, ended, found, imported, own_tags, stored, table


def remarks_of(ask, job, line):
    rows = ask(import_results.list_import_rows, import_id=job["id"])["items"]
    return [remark["detail"] for row in rows if row["line"] == line for remark in row["remarks"]]


@pytest.mark.requirement("C05", "C19")
@pytest.mark.parametrize("key", ["Membership number", "External id"])
def test_a_number_makes_the_same_person_under_any_other_name_and_address(house, ask, someone, key):
    number = f"N{someone}"
    imported(house, table(["First name", "Email", key], ["Ada", f"{someone}@example.org", number]))
    again = table(["First name", "Email", key], ["Eve", f"new.{someone}@example.org", number])
    assert counts(imported(house, again))["updated"] == 1
    [ada] = found(ask, someone)
    assert len(ada["emails"]) == 2
    assert ada["membership_number"] == (number if key == "Membership number" else None)
    assert counts(imported(house, again, match_on=["email"]))["unchanged"] == 1


@pytest.mark.requirement("C05", "C19")
def test_a_number_that_is_anothers_stays_theirs_and_one_that_was_given_never_changes(house, ask, someone):
    header = ["First name", "Email", "Membership number", "External id"]
    first = [f"{someone}@example.org", f"M{someone}", f"X{someone}"]
    imported(house, table(header, ["Ada", *first]))
    rows = table(
        header,
        ["Bob", f"bob.{someone}@example.org", *first[1:]],
        ["Ada", first[0], f"other{someone}", ""],
    )
    job = imported(house, rows, match_on=["email"])
    assert (counts(job)["created"], counts(job)["unchanged"]) == (1, 1)
    assert "another contact's" in remarks_of(ask, job, 2)[0]
    assert "never changes" in remarks_of(ask, job, 3)[0]
    [bob] = found(ask, f"bob.{someone}")
    assert bob["membership_number"] is None
    assert ask(external_ids.list_external_ids, contact_id=bob["id"])["items"] == []


@pytest.mark.requirement("C05")
def test_a_customer_gets_a_number_that_no_import_brought(house, ask, someone, billing_says, eventually):
    next_one = house.database("contacts").connect().exec_driver_sql("SELECT last_value + 1 FROM membership_numbers")
    taken = str(next_one.scalar_one())
    rows = table(
        ["First name", "Email", "Membership number"],
        ["Ada", f"{someone}@example.org", taken],
        ["Bob", f"bob.{someone}@example.org", ""],
    )
    imported(house, rows)
    [bob] = found(ask, f"bob.{someone}")
    billing_says(package_paid, bob["id"], 1, assignment_id=new_id(), name="Gold",
                 kind="membership", since=dt.date(2026, 3, 1))  # fmt: skip
    now = eventually(
        lambda: ask(people.get_contact, contact_id=bob["id"]), lambda contact: contact["membership_number"]
    )
    assert int(now["membership_number"]) > int(taken)


@pytest.mark.requirement("C19")
def test_who_stands_in_a_file_twice_is_found_and_the_first_line_named(house, ask, someone):
    rows = [[f"Ada{n}", f"{someone}.{n}@example.org"] for n in range(1200)]
    job = imported(house, table(["First name", "Email"], *rows, rows[0], rows[1150]))
    assert (counts(job)["created"], counts(job)["unchanged"]) == (1200, 2)
    assert remarks_of(ask, job, 1202) == []
    last = ask(import_results.list_import_rows, import_id=job["id"], outcome="unchanged")["items"]
    assert [row["remarks"][0]["detail"] for row in last] == [
        "The same person as in line 2.",
        "The same person as in line 1152.",
    ]


@pytest.mark.requirement("C19", "C21")
def test_a_tag_of_the_system_is_not_for_imports(house, ask, someone):
    job = imported(house, table(["First name", "Email", "Tags"], ["Ada", f"{someone}@example.org", "Trial, Yoga"]))
    [ada] = found(ask, someone)
    assert own_tags(ask, ada) == ["Yoga"]
    assert "system" in remarks_of(ask, job, 2)[0]


@pytest.mark.requirement("C11", "C19")
def test_custom_fields_are_filled_by_their_name(house, ask, someone):
    for label, type in (
        (f"Shoe size {someone}", "number"),
        (f"Since {someone}", "date"),
        (f"Vegan {someone}", "yes_no"),
    ):
        ask(custom_fields.create_custom_field, label=label, type=type)
    header = ["First name", "Email", f"Shoe size {someone}", f"Since {someone}", f"Vegan {someone}"]
    job = imported(
        house,
        table(
            header,
            ["Ada", f"{someone}@example.org", "39,5", "14.03.2020", "ja"],
            ["Bob", f"bob.{someone}@example.org", "large", "", ""],
        ),
    )
    assert (counts(job)["created"], counts(job)["rejected"]) == (1, 1)
    [ada] = found(ask, someone)
    assert sorted(map(str, ask(people.get_contact, contact_id=ada["id"])["fields"].values())) == [
        "2020-03-14", "39.5", "True",
    ]  # fmt: skip
    [reject] = ask(import_results.list_rejects, import_id=job["id"])["items"]
    assert reject["reasons"][0]["column"] == header[2]
    more = imported(house, table([*header[:2], "Knee"], ["Ada", f"{someone}@example.org", "7"]),
                    mapping={"Knee": "fields.no_such"})  # fmt: skip
    assert counts(more)["rejected"] == 1


@pytest.mark.requirement("C07", "C19")
def test_the_region_of_an_import_reads_its_phones(house, ask, someone):
    rows = table(["First name", "Email", "Phone"], ["Ada", f"{someone}@example.org", "01 42 68 53 00"])
    imported(house, rows, region="FR")
    assert found(ask, someone)[0]["phones"][0]["value"] == "+33142685300"


@pytest.mark.requirement("C19")
def test_a_cancelled_import_keeps_what_it_did_and_can_be_undone(a_house):
    house = a_house(
        services=["contacts"], roles={"contacts": ["rpc", "events,jobs"]}, settings={"RAPPORT_IMPORT_DAYS": "1"}
    )
    rows = [[f"Ada{n}", f"ada{n}@example.org"] for n in range(12_000)]
    key = stored(house, table(["First name", "Email"], *rows))
    begun = house.ask(importing.start_import, file_key=key, file_name="p.csv")
    until(lambda: house.ask(get_job["contacts"], job_id=begun["id"])["progress"].get("done"), seconds=60)
    house.ask(cancel_job["contacts"], job_id=begun["id"])
    told = house.ask(importing.get_import, import_id=begun["id"])
    assert told["state"] == "cancelled"
    done = told["progress"]["created"]
    assert 0 < done < 12_000
    undo = ended(house, house.ask(import_results.undo_import, import_id=begun["id"])["job_id"], seconds=120)
    assert undo["result"]["archived"] == done


@pytest.mark.requirement("C19")
def test_a_file_is_kept_as_long_as_it_is_of_use(a_house):
    house = a_house(services=["contacts"], settings={"RAPPORT_IMPORT_DAYS": "2"}, open=False)
    old, fresh = stored(house, b"Email\nada@example.org\n"), stored(house, b"Email\nbob@example.org\n")
    three_days_ago = time.time() - 3 * 24 * 3600
    os.utime(Path(house.env["RAPPORT_STORAGE"]) / old, (three_days_ago, three_days_ago))
    house.open()
    until(lambda: not (Path(house.env["RAPPORT_STORAGE"]) / old).exists(), seconds=30)
    assert (Path(house.env["RAPPORT_STORAGE"]) / fresh).exists()
    begun = house.ask(importing.start_import, file_key=old, file_name="p.csv")
    assert "no longer kept" in ended(house, begun["id"])["error"]

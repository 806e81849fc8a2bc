"""What an import would do is told before it does anything, and can be corrected without another upload."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from chassis import tables
from contracts.contacts import import_mappings, import_previews, importing
from contracts.errors import Conflict, NotFound, Stale
from services.contacts.importing.model import Import
from tests.builders.waiting import eventually
from tests.service.contacts.importing_files import ended, found, imported, stored, table

OF_IMPORT = sa.select(Import.layout, Import.preview).where(Import.id == sa.bindparam("id"))
BLOCKED = sa.text("SELECT 1 FROM pg_stat_activity WHERE :pid = ANY (pg_blocking_pids(pid)) LIMIT 1")


@pytest.fixture
def look(house, ask):
    """`look(content)`: the import as previewed, and the preview."""

    def at(content, **wishes):
        begun = ask(importing.start_import, file_key=stored(house, content), file_name="p.csv", preview=True, **wishes)
        assert begun["state"] == "reading"
        return again(begun["id"], begun["job_id"])

    def again(import_id, job_id):
        assert ended(house, job_id)["state"] == "done"
        return (
            ask(importing.get_import, import_id=import_id),
            ask(import_previews.preview_import, import_id=import_id),
        )

    at.again = again
    return at


@pytest.mark.requirement("C19")
def test_a_preview_tells_columns_rows_and_counts_and_enters_nobody(house, ask, look, someone):
    imported(house, table(["First name", "Email"], ["Ada", f"{someone}@example.org"]))
    record, preview = look(
        table(
            ["First name", "Email", "Birthday", "Hat size"],
            ["Ada", f"{someone}@example.org", "1990-12-10", "39"],
            ["Bob", f"bob.{someone}@example.org", "", "44"],
            ["Bob", f"BOB.{someone}@example.org", "", "44"],
            ["Cy", "nowhere", "", ""],
        )
    )
    assert (record["state"], record["unmapped"]) == ("ready", ["Hat size"])
    assert preview["counts"] == {"created": 1, "updated": 1, "unchanged": 1, "rejected": 1, "blank": 0}
    assert (preview["counted_rows"], preview["total"], preview["all_counted"]) == (4, 4, True)
    assert preview["problems"] == []
    email, shoes = preview["columns"][1], preview["columns"][3]
    assert (email["field"], email["confidence"], email["samples"][0]) == ("email", 0.9, f"{someone}@example.org")
    assert (shoes["field"], shoes["confidence"], shoes["samples"]) == (None, 0.0, ["39", "44"])
    assert (email["goes_to"], shoes["goes_to"]) == ("email", "left out")
    assert (email["custom_field"], shoes["custom_field"]) == (None, {"label": "Hat size", "type": "number"})
    first, second, _, wrong = preview["rows"]
    assert (first["outcome"], first["contact"]["birthday"]) == ("updated", "1990-12-10")
    assert (second["outcome"], second["contact_id"]) == ("created", None)
    assert (wrong["outcome"], wrong["remarks"][0]["column"]) == ("rejected", "Email")
    assert len(found(ask, someone)) == 1


@pytest.mark.requirement("C19")
def test_numbers_of_another_country_are_doubted_until_it_is_said(house, ask, look):
    content = table(["Full Name", "Cell", "Address at"], ["Jane Doe", "(212) 555-0123", "10.0.0.1"])
    record, preview = look(content)
    [doubt] = preview["doubts"]
    assert (doubt[:6], preview["problems"]) == ("1 of 1", [])
    assert preview["columns"][2]["custom_field"]["type"] == "text"
    corrected = ask(import_previews.correct_import, import_id=record["id"], region="US")
    record, preview = look.again(corrected["id"], corrected["job_id"])
    assert (preview["doubts"], preview["rows"][0]["contact"]["phones"][0]["value"]) == ([], "+12125550123")


@pytest.mark.requirement("C19")
def test_a_wrong_guess_is_corrected_and_then_imported(house, ask, look, someone):
    content = f"Wer;Wo;Wann\nZoë {someone};{someone}@example.org;03/04/1990\n".encode("cp1252")
    record, preview = look(content, encoding="cp850")
    assert preview["columns"][1]["why"] == "the cells look like e-mail addresses"
    corrected = ask(
        import_previews.correct_import, import_id=record["id"], encoding="cp1252", date_order="month_first",
        mapping={"Wer": "full_name", "Wo": "email", "Wann": "birthday"},
    )  # fmt: skip
    assert (corrected["state"], corrected["version"]) == ("reading", 2)
    record, preview = look.again(corrected["id"], corrected["job_id"])
    assert preview["rows"][0]["contact"]["first_name"] == "Zoë"
    started = ask(import_previews.start_previewed_import, import_id=record["id"])
    assert ask(import_previews.start_previewed_import, import_id=record["id"])["job_id"] == started["job_id"]
    assert ended(house, started["job_id"])["progress"]["created"] == 1
    [zoe] = found(ask, someone)
    assert (zoe["first_name"], zoe["birthday"]) == ("Zoë", "1990-03-04")
    with pytest.raises(Conflict):
        ask(import_previews.correct_import, import_id=record["id"], mode="create")


@pytest.mark.requirement("C19")
def test_a_mapping_by_hand_is_remembered_for_the_next_file_of_that_header(house, ask, look, someone):
    header = [f"Wer {someone}", "Wo"]
    imported(house, table(header, ["Ada", f"{someone}@example.org"]), mapping={header[0]: "full_name", "Wo": "email"})
    [kept] = [one for one in ask(import_mappings.list_import_mappings)["items"] if header[0] in one["headers"]]
    record, preview = look(table(header[::-1], [f"bob.{someone}@example.org", "Bob"]))
    assert (record["mapping_id"], record["columns"][header[0]]) == (kept["id"], "full_name")
    assert preview["columns"][1]["why"] == "as it was mapped the last time"
    changed = ask(import_mappings.change_import_mapping, import_mapping_id=kept["id"], name="Old system",
                  mapping={header[0]: "note", "Wo": "email"})  # fmt: skip
    assert (changed["name"], changed["version"]) == ("Old system", kept["version"] + 1)
    assert look(table(header, ["Bob", "b@example.org"]))[0]["columns"][header[0]] == "note"
    with pytest.raises(Stale):
        house.ask(import_mappings.forget_import_mapping, import_mapping_id=kept["id"], expected_version=kept["version"])
    ask(import_mappings.forget_import_mapping, import_mapping_id=kept["id"])
    assert look(table(header, ["Bob", "b@example.org"]))[0]["columns"][header[0]] is None
    with pytest.raises(NotFound):
        ask(import_mappings.get_import_mapping, import_mapping_id=kept["id"])


@pytest.mark.requirement("C19")
def test_what_stands_against_an_import_is_told_and_it_does_not_start(ask, look):
    record, preview = look(b"alpha,beta\n1,2\n")
    assert "No column" in preview["problems"][0]
    assert preview["rows"] == []
    with pytest.raises(Conflict, match="No column"):
        ask(import_previews.start_previewed_import, import_id=record["id"])


@pytest.mark.requirement("C19", "G06")
def test_of_two_corrections_at_once_one_is_stale(house, ask, look, someone):
    record, _ = look(table(["First name", "Email"], ["Ada", f"{someone}@example.org"]))
    house.ask(import_previews.correct_import, import_id=record["id"], mode="create", expected_version=1)
    with pytest.raises(Stale):
        house.ask(import_previews.correct_import, import_id=record["id"], mode="update", expected_version=1)


def test_a_file_that_cannot_be_read_has_no_preview(house, ask):
    begun = ask(importing.start_import, file_key=stored(house, b"\x00\x01\x02" * 500), file_name="p.csv", preview=True)
    assert ended(house, begun["job_id"])["state"] == "failed"
    told = ask(importing.get_import, import_id=begun["id"])
    assert (told["state"], told["reason"]) == ("refused", "This is a binary file, not a table.")
    with pytest.raises(Conflict, match="binary"):
        ask(import_previews.preview_import, import_id=begun["id"])


@pytest.mark.requirement("C19")
def test_an_import_is_never_ready_before_it_is_understood(house, ask, look, someone):
    record, _ = look(table(["First name", "Email"], ["Ada", f"{someone}@example.org"]))
    with house.database("contacts").connect() as reader, ThreadPoolExecutor(1) as aside:
        kept = dict(reader.execute(OF_IMPORT, {"id": record["id"]}).mappings().one())
        _set(reader, record["id"], state="running", layout={}, preview=None)
        reader.commit()
        _set(reader, record["id"], state="done", **kept)
        pid = reader.scalar(sa.text("SELECT pg_backend_pid()"))
        reader.execute(sa.text("LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE"))
        looked = aside.submit(ask, importing.get_import, import_id=record["id"])
        with house.database("contacts").connect() as watching:
            eventually(lambda: watching.scalar(BLOCKED, {"pid": pid}))
        reader.commit()
        told = looked.result(timeout=30)
    assert (told["state"], [*told["columns"]]) == ("ready", ["First name", "Email"])


def _set(connection, import_id, *, state, layout, preview):
    connection.execute(
        sa.update(Import).where(Import.id == import_id).values(layout=layout, preview=preview),
    )
    connection.execute(
        sa.update(tables.jobs).where(tables.jobs.c.id == import_id)
        .values(state=state, due_at=dt.datetime.now(dt.UTC) + dt.timedelta(days=1))
    )  # fmt: skip

"""Files that cannot be imported say why, and people who may not import are told so."""

from __future__ import annotations

import uuid

import pytest

from contracts.contacts import import_results, importing
from contracts.errors import Forbidden, Invalid, NotFound
from tests.service.contacts.importing_files import found, imported, stored


@pytest.mark.requirement("C19")
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02" * 500, "binary"),
        (b"PK\x03\x04" + b"x" * 100, "Excel"),
        (b"alpha,beta\n1,2\n", "No column"),
        (b"Email," + b"x" * 1_100_000, "characters"),
    ],
    ids=["empty", "binary", "excel", "no known column", "endless line"],
)
def test_what_is_no_table_of_contacts_is_refused_with_a_reason(house, content, words):
    job = imported(house, content)
    assert (job["state"], words in job["error"]) == ("failed", True), job


@pytest.mark.requirement("C19")
def test_a_key_that_is_no_file_of_ours_is_refused_at_once(ask):
    with pytest.raises(Invalid) as refusal:
        ask(importing.start_import, file_key="../../etc/passwd", file_name="x.csv")
    assert refusal.value.errors[0]["pointer"] == "/file_key"


@pytest.mark.requirement("C19")
def test_a_file_that_breaks_off_in_the_middle_enters_nobody(house, ask, someone):
    rows = b"First name,Email\n" + f"Ada,{someone}@example.org\n".encode() * 20000 + b'"' + b"x\n" * 100_000
    job = imported(house, rows)
    assert job["state"] == "failed"
    assert "quotation mark" in job["error"]
    assert found(ask, someone) == []


@pytest.mark.requirement("G05")
def test_who_may_not_import_is_refused(house, ask):
    with pytest.raises(Forbidden):
        ask(importing.start_import, actor="staff", file_key=stored(house, b"Email\n"), file_name="x.csv")


@pytest.mark.parametrize(
    "rpc", [importing.get_import, import_results.list_rejects, import_results.sheet_of_rejects], ids=str
)
def test_an_import_that_never_was_is_not_found(ask, rpc):
    with pytest.raises(NotFound):
        ask(rpc, import_id=str(uuid.uuid4()))

"""What was signed comes back as a sealed PDF, whatever happens in between."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pypdf import PdfReader

from chassis.ids import new_id
from chassis.line import Context
from chassis.storage import Folder
from contracts.documents import agreements, signing
from contracts.errors import Conflict, Forbidden, NotFound
from local.processes import wait_for
from tests.builders.agreements import an_agreement
from tests.house.living import LivingHouse

Ask = Callable[..., Any]
Sent = Callable[..., dict[str, Any]]


def file_key_of(house: LivingHouse, agreement: dict[str, Any]) -> str | None:
    with house.database("documents").connect() as connection:
        found = sa.text("SELECT file_key FROM signatures WHERE agreement_id = :id")
        return connection.scalar(found, {"id": agreement["id"]})


def stored(house: LivingHouse, key: str) -> bytes:
    with Folder(house.env["RAPPORT_STORAGE"]).open(key) as stream:
        return stream.read()


def files_in(house: LivingHouse) -> list[Path]:
    return [path for path in (Path(house.env["RAPPORT_STORAGE"]) / "agreements").rglob("*") if path.is_file()]


@pytest.mark.requirement("D02")
def test_a_signed_agreement_gets_its_pdf_without_being_asked_for(documents: LivingHouse, ask: Ask, sent: Sent) -> None:
    agreement = sent(display_name="Nguyễn <b>& Żółć")
    told = {"name": "Nguyễn <b>& Żółć", "agreed": True, "from_address": "192.0.2.7", "user_agent": "Firefox"}
    answer = ask(signing.sign_agreement, token=agreement["token"], **told)
    assert wait_for(lambda: file_key_of(documents, agreement) is not None, 15)
    given = ask(agreements.get_agreement_pdf, agreement_id=agreement["id"])
    assert given["file_key"] == file_key_of(documents, agreement)
    assert given["file_name"].startswith("waiver-20")
    pdf = stored(documents, given["file_key"])
    words = " ".join(PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())
    when = answer["signed_at"][:19].replace("T", " ") + " UTC"
    for part in (
        "I, Nguyễn <b>& Żółć, agree.",
        "192.0.2.7",
        "Firefox",
        when,
        agreement["id"],
        agreement["content_hash"],
    ):
        assert part in words
    assert "Studio Żaba" in words


@pytest.mark.requirement("O03")
def test_the_seal_is_made_under_the_request_that_signed(documents: LivingHouse, sent: Sent) -> None:
    agreement = sent()
    request = {"token": agreement["token"], "name": "Ada", "agreed": True}
    documents.calls.ask(signing.sign_agreement, request, Context(token=documents.token(None), request_id="r-signed"))
    kept = sa.text("SELECT cause ->> 'request_id' FROM signatures WHERE agreement_id = :id")
    with documents.database("documents").connect() as connection:
        assert connection.scalar(kept, {"id": agreement["id"]}) == "r-signed"


@pytest.mark.requirement("D02")
def test_the_seal_holds_and_shows_a_flipped_byte(documents: LivingHouse, ask: Ask, sent: Sent) -> None:
    agreement = sent()
    ask(signing.sign_agreement, token=agreement["token"], name="Ada", agreed=True)
    pdf = stored(documents, ask(agreements.get_agreement_pdf, agreement_id=agreement["id"])["file_key"])
    changed = bytearray(pdf)
    changed[pdf.index(b"stream") + 20] ^= 1
    whole, broken = (validate_pdf_signature(PdfFileReader(io.BytesIO(data)).embedded_signatures[0])
                     for data in (pdf, bytes(changed)))  # fmt: skip
    assert (whole.intact, whole.valid, whole.coverage.name) == (True, True, "ENTIRE_FILE")
    assert not broken.intact


@pytest.mark.requirement("D02")
def test_the_signer_gets_the_same_copy_on_the_link(ask: Ask, sent: Sent) -> None:
    agreement = sent()
    with pytest.raises(Conflict):
        ask(signing.get_signed_copy, token=agreement["token"])
    ask(signing.sign_agreement, token=agreement["token"], name="Ada", agreed=True)
    copy = ask(signing.get_signed_copy, token=agreement["token"])
    assert copy == ask(agreements.get_agreement_pdf, agreement_id=agreement["id"])


def test_what_is_not_signed_has_no_pdf(ask: Ask, sent: Sent) -> None:
    agreement = sent()
    with pytest.raises(Conflict):
        ask(agreements.get_agreement_pdf, agreement_id=agreement["id"])
    with pytest.raises(NotFound):
        ask(agreements.get_agreement_pdf, agreement_id=new_id())
    with pytest.raises(Forbidden):
        ask(agreements.get_agreement_pdf, actor="dispatcher", agreement_id=agreement["id"])


@pytest.mark.requirement("D02")
def test_a_pdf_asked_for_before_it_was_made_is_made_now_and_once(a_house: Callable[..., LivingHouse]) -> None:
    house = a_house(services=["documents"], roles={"documents": ["rpc", "events"]})  # nobody who makes PDFs
    agreement = an_agreement(house)
    house.ask(signing.sign_agreement, token=agreement["token"], name="Ada", agreed=True)
    with ThreadPoolExecutor(4) as pool:
        given = list(
            pool.map(lambda _: house.ask(agreements.get_agreement_pdf, agreement_id=agreement["id"]), range(4))
        )
    assert len({answer["file_key"] for answer in given}) == 1
    assert len(files_in(house)) == 1
    assert stored(house, given[0]["file_key"]).startswith(b"%PDF")


@pytest.mark.requirement("D02")
def test_a_service_killed_right_after_the_signing_makes_the_pdf_when_it_is_back(
    a_house: Callable[..., LivingHouse],
) -> None:
    house = a_house(services=["documents"], roles={"documents": ["rpc", "jobs"]})
    agreement = an_agreement(house)
    house.process("documents-jobs").kill()
    house.ask(signing.sign_agreement, token=agreement["token"], name="Ada", agreed=True)
    house.process("documents-rpc").kill()
    assert file_key_of(house, agreement) is None
    house.start_again("documents-jobs")
    assert wait_for(lambda: file_key_of(house, agreement) is not None, 20)


@pytest.mark.requirement("D02")
def test_a_pdf_that_somebody_died_over_is_made_by_the_next(a_house: Callable[..., LivingHouse]) -> None:
    house = a_house(services=["documents"], roles={"documents": ["rpc", "jobs"]})
    agreement = an_agreement(house)
    house.process("documents-jobs").kill()
    house.ask(signing.sign_agreement, token=agreement["token"], name="Ada", agreed=True)
    with house.database("documents").begin() as connection:
        connection.execute(sa.text("UPDATE signatures SET claimed_until = now() - interval '1 second'"))
    house.start_again("documents-jobs")
    assert wait_for(lambda: file_key_of(house, agreement) is not None, 20)


@pytest.mark.requirement("D01")
def test_what_ran_out_of_time_is_told_as_time_passes(a_house: Callable[..., LivingHouse]) -> None:
    house = a_house(services=["documents"])
    agreement = an_agreement(house)
    listener = house.subscriber("documents.events", "agreement.expired")
    house.let_time_pass("documents", "UPDATE agreements SET expires_at = now() - interval '1 second'")
    told = listener.wait_for("agreement.expired", subject=agreement["contact_id"], seconds=20)
    listener.close()
    assert told.data["agreement_id"] == agreement["id"]
    assert house.ask(agreements.get_agreement, agreement_id=agreement["id"])["state"] == "expired"

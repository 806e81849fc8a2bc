"""A waiver is sent, read and signed on its link, and comes back as a PDF, over HTTP alone."""

from __future__ import annotations

import io

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pypdf import PdfReader

from tests.house.web import Api


@pytest.mark.requirement("D01", "D02", "G02")
def test_a_waiver_is_signed_on_its_link_and_its_pdf_says_so(api: Api) -> None:
    made = api.post(
        "/contacts",
        json={
            "kind": "person",
            "enter_as": "customer",
            "first_name": "Nguyễn",
            "last_name": "<b>& Żółć",
            "emails": [{"value": "nguyen@example.org", "label": "home"}],
        },
    )
    assert made.status_code == 201, made.text
    (waiver,) = [
        item for item in api.get("/agreement-templates").json()["items"] if item["title"] == "Liability waiver"
    ]
    agreement = api.post("/agreements", json={"contact_id": made.json()["id"], "template_id": waiver["id"]}, key="once")
    assert agreement.status_code == 201, agreement.text
    assert api.get(agreement.headers["Location"].removeprefix("/v1")).json()["state"] == "sent"

    signer = api.as_nobody()
    link = agreement.json()["sign_url"].partition("/v1")[2]
    seen = signer.get(link).json()
    assert seen["text"].startswith("I, Nguyễn <b>& Żółć, take part")
    signed = signer.post(link, json={"name": "Nguyễn <b>& Żółć", "agreed": True, "signature": "Nguyễn"})
    assert signed.status_code == 200, signed.text
    assert signed.json()["state"] == "signed"

    pdf = api.get(f"/agreements/{agreement.json()['id']}/pdf")
    assert (pdf.status_code, pdf.headers["Content-Type"]) == (200, "application/pdf")
    assert signer.get(f"{link}/pdf").content == pdf.content
    words = _words_of(pdf.content)
    for told in ("Nguyễn <b>& Żółć", "127.0.0.1", agreement.json()["content_hash"], "Page 1 of 1"):
        assert told in words
    assert validate_pdf_signature(PdfFileReader(io.BytesIO(pdf.content)).embedded_signatures[0]).intact


@pytest.mark.requirement("D02", "G02")
def test_who_has_no_link_gets_nothing(api: Api) -> None:
    nobody = api.as_nobody()
    assert nobody.get("/public/agreements/" + "x" * 43).status_code == 404
    assert nobody.get("/agreements").status_code == 401


def _words_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())

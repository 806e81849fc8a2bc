"""What the signed PDF says, read back from the PDF."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace

import pytest
from PIL import Image, ImageDraw
from pypdf import PdfReader

from services.documents.papers.layout import Evidence, draw, paragraphs_of


def a_drawing() -> bytes:
    image = Image.new("L", (600, 200), 255)
    ImageDraw.Draw(image).line([(20, 150), (300, 60), (580, 40)], fill=0, width=6)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


EVIDENCE = Evidence(
    agreement_id="0199f0aa-0000-7000-8000-000000000001",
    title="Liability waiver",
    text="# First\n\nI take part.",
    content_hash="c0ffee" * 10 + "0000",
    contact_name="Łukasz Żółć",
    business_name="Studio Łódź",
    zone="Europe/Warsaw",
    signed_name="Łukasz Żółć",
    signed_at=dt.datetime(2026, 7, 22, 16, 0, 1, tzinfo=dt.UTC),
    typed="Łukasz Żółć",
    drawn=None,
    from_address="2001:db8::1",
    user_agent="Mozilla/5.0",
)


def words_of(evidence: Evidence) -> str:
    pages = PdfReader(io.BytesIO(draw(evidence))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.mark.requirement("D02")
def test_it_says_who_signed_what_when_and_from_where() -> None:
    words = words_of(EVIDENCE)
    for told in (
        "Studio Łódź", "Liability waiver", "First", "I take part.", "Łukasz Żółć", "2026-07-22 16:00:01 UTC",
        "2026-07-22 18:00:01 +0200, Europe/Warsaw", "typed on the signing link", "2001:db8::1", "Mozilla/5.0",
        EVIDENCE.agreement_id, EVIDENCE.content_hash, "Page 1 of 1",
    ):  # fmt: skip
        assert told in words


@pytest.mark.parametrize(
    "name",
    ["Zażółć Gęślą", "Nguyễn Thị Hằng Ứng", "Příšerně Žluťoučký", "Ελένη Παπαδοπούλου", "Юлия Щербакова", "Đặng Ỵ"],
)
def test_names_are_written_with_their_own_letters(name: str) -> None:
    assert name in words_of(replace(EVIDENCE, signed_name=name, typed=name))


def test_letters_that_the_font_does_not_have_are_named_rather_than_lost() -> None:
    assert "[U+738B]" in words_of(replace(EVIDENCE, signed_name="王"))


@pytest.mark.parametrize(
    "name", ["<b>&", "</para>", "<img src='file:///etc/passwd'/>", "&amp;", "<a href='x'>", "]]>", "<!--"]
)
def test_a_name_is_never_markup(name: str) -> None:
    evidence = replace(EVIDENCE, signed_name=name, typed=name, contact_name=name, title=name, text=f"I, {name}, agree.")
    assert f"I, {name}, agree." in words_of(evidence)


def test_a_drawn_signature_is_shown() -> None:
    pdf = draw(replace(EVIDENCE, typed=None, drawn=a_drawing()))
    (image,) = PdfReader(io.BytesIO(pdf)).pages[0].images
    assert image.image is not None
    assert image.image.size == (600, 200)
    assert "drawn on the signing link" in words_of(replace(EVIDENCE, typed=None, drawn=a_drawing()))


def test_a_long_text_takes_numbered_pages_and_loses_no_word() -> None:
    text = "\n\n".join(f"# Section {n}\n\n" + f"word{n} " * 300 for n in range(20))
    pages = PdfReader(io.BytesIO(draw(replace(EVIDENCE, text=text)))).pages
    words = " ".join(page.extract_text() for page in pages)
    assert len(pages) > 5
    assert [f"Page {n} of {len(pages)}" in page.extract_text() for n, page in enumerate(pages, 1)] == [True] * len(
        pages
    )
    assert all(words.count(f"word{n} ") + words.count(f"word{n}\n") == 300 for n in range(20))


def test_a_word_longer_than_the_page_is_broken_and_not_lost() -> None:
    words = words_of(replace(EVIDENCE, text="x" * 9000, user_agent="y" * 500, signed_name="z" * 200))
    assert (words.count("x") >= 9000, words.count("y") >= 500, words.count("z") >= 200) == (True, True, True)


def test_the_same_evidence_gives_the_same_bytes() -> None:
    assert draw(replace(EVIDENCE, drawn=a_drawing())) == draw(replace(EVIDENCE, drawn=a_drawing()))


def test_blank_lines_make_paragraphs_and_hashes_make_headings() -> None:
    assert paragraphs_of("one\ntwo\n\n\n# Head\nthree\n #4 is no heading\n#neither") == [
        ("text", "one\ntwo"),
        ("heading", "Head"),
        ("text", "three\n #4 is no heading\n#neither"),
    ]

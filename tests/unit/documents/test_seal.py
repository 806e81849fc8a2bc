"""The seal shows any change, to us and to anybody else's reader."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas

from services.documents.papers.seal import lock_of, new_seal, seal

SECRET = "a secret of at least 32 characters"


def a_pdf() -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    canvas.drawString(100, 100, "I agree.")
    canvas.save()
    return out.getvalue()


@pytest.fixture(scope="module")
def sealed() -> bytes:
    return seal(a_pdf(), new_seal("Studio Żaba", SECRET, dt.datetime.now(dt.UTC)), SECRET)


def holds(pdf: bytes) -> bool:
    """Tell whether the seal is there, unbroken, and over the whole file."""
    signatures = PdfFileReader(io.BytesIO(pdf), strict=False).embedded_signatures
    if len(signatures) != 1:
        return False
    status = validate_pdf_signature(signatures[0])
    return status.intact and status.valid and status.docmdp_ok is not False and status.coverage.name == "ENTIRE_FILE"


@pytest.mark.requirement("D02")
def test_an_untouched_file_holds(sealed: bytes) -> None:
    assert holds(sealed)
    assert PdfReader(io.BytesIO(sealed)).pages[0].extract_text().strip() == "I agree."


@pytest.mark.requirement("D02")
def test_one_flipped_bit_anywhere_in_what_is_read_shows(sealed: bytes) -> None:
    for place in range(20, len(a_pdf()), 97):
        changed = bytearray(sealed)
        changed[place] ^= 1
        assert not _survives(bytes(changed)), place


@pytest.mark.requirement("D02")
def test_a_page_put_on_top_shows() -> None:
    original = seal(a_pdf(), new_seal("Studio", SECRET, dt.datetime.now(dt.UTC)), SECRET)
    writer = PdfWriter(io.BytesIO(original), incremental=True)
    writer.add_blank_page(100, 100)
    out = io.BytesIO()
    writer.write(out)
    assert not _survives(out.getvalue())


def test_the_key_stays_locked_without_the_secret() -> None:
    locked = new_seal("Studio", SECRET, dt.datetime.now(dt.UTC))
    with pytest.raises((RuntimeError, ValueError)):
        seal(a_pdf(), locked, "another secret of 32 characters!")
    assert lock_of(SECRET) != lock_of("another secret of 32 characters!")


def _survives(pdf: bytes) -> bool:
    try:
        return holds(pdf)
    except Exception:  # a file so broken that it cannot be read shows its change as well
        return False

"""A signature is judged by what it is."""

from __future__ import annotations

import base64
import io
import zlib
from struct import pack

import pytest
from PIL import Image, ImageDraw, PngImagePlugin

from contracts.errors import Invalid
from services.documents.signing.rules import DRAWING, HIGHEST, WIDEST, one_line, read_mark


def a_drawing(size: tuple[int, int] = (400, 150), *, kind: str = "PNG", mode: str = "RGBA", note: str = "") -> str:
    image = Image.new(mode, size)
    ImageDraw.Draw(image).line([(5, 5), (size[0] - 5, size[1] - 5)], fill="black" if mode == "RGBA" else 255, width=4)
    about = PngImagePlugin.PngInfo()
    about.add_text("Comment", note)
    out = io.BytesIO()
    image.save(out, kind, **({"pnginfo": about} if kind == "PNG" else {}))
    return DRAWING + base64.b64encode(out.getvalue()).decode()


def a_bomb() -> str:
    """A PNG of a few bytes that says that it is 60,000 pixels wide and high."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + name + data + pack(">I", zlib.crc32(name + data))

    head = pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    png = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )
    return DRAWING + base64.b64encode(png).decode()


def test_typed_text_is_trimmed_and_kept() -> None:
    assert read_mark("  Łukasz Żółć ").typed == "Łukasz Żółć"


def test_a_drawing_is_drawn_anew_and_keeps_nothing_but_the_picture() -> None:
    mark = read_mark(a_drawing(note="<script>secret</script>"))
    assert mark.typed is None
    assert mark.drawn is not None
    assert b"secret" not in mark.drawn
    with Image.open(io.BytesIO(mark.drawn)) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "L", (400, 150))
        assert image.getextrema() == (0, 255)


def test_the_same_drawing_gives_the_same_bytes() -> None:
    assert read_mark(a_drawing()) == read_mark(a_drawing())


@pytest.mark.parametrize(
    ("signature", "why"),
    [
        ("   ", "blank"),
        ("x" * 201, "too long"),
        ("a\0b", "a control character"),
        ("data:image/svg+xml;base64,PHN2Zy8+", "not a PNG"),
        ("data:text/html,<script>", "not a PNG"),
        (DRAWING, "empty"),
        (DRAWING + "!!!!", "not base64"),
        (DRAWING + "ż", "not base64"),
        (DRAWING + base64.b64encode(b"GIF89a" + b"\0" * 100).decode(), "a GIF that says PNG"),
        (a_drawing(kind="GIF", mode="L"), "a real GIF"),
        (a_drawing()[:-400], "cut off"),
        (a_drawing((WIDEST + 1, 10)), "too wide"),
        (a_drawing((10, HIGHEST + 1)), "too high"),
        (a_bomb(), "a bomb"),
        (DRAWING + base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 50).decode(), "only the beginning of a PNG"),
    ],
)
def test_what_is_no_signature_is_refused_at_its_field(signature: str, why: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_mark(signature)
    assert [fault["pointer"] for fault in refusal.value.errors] == ["/signature"], why


def test_an_empty_canvas_is_no_signature() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (400, 150)).save(out, "PNG")
    with pytest.raises(Invalid):
        read_mark(DRAWING + base64.b64encode(out.getvalue()).decode())


@pytest.mark.parametrize(
    ("told", "kept"),
    [(None, None), ("", None), (" \0 ", None), ("Mozilla\r\nX: y\ud800", "Mozilla  X: y"), ("x" * 900, "x" * 500)],
)
def test_what_a_client_says_of_itself_is_cut_and_cleaned(told: str | None, kept: str | None) -> None:
    assert one_line(told) == kept

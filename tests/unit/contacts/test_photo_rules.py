"""What becomes of an upload, and what a link opens."""

import datetime as dt
import io
import struct
import zlib

import pytest
from PIL import Image

from chassis.ids import new_id
from services.contacts.photos.rules import LARGEST_SIDE, LIVES, NoPhoto, link_token, link_until, opened_by, portrait_of
from tests.builders.pictures import a_picture

NOW = dt.datetime(2026, 11, 22, 20, 7, tzinfo=dt.UTC)
SECRET = "a secret of at least thirty-two bytes"
ANOTHER = "another secret of thirty-two bytes."


@pytest.mark.requirement("C06")
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_whatever_was_sent_becomes_a_small_jpeg(form):
    portrait = portrait_of(a_picture(form))
    made = Image.open(io.BytesIO(portrait.jpeg))
    assert (made.format, made.size) == ("JPEG", (LARGEST_SIDE, LARGEST_SIDE // 2))
    assert (portrait.width, portrait.height) == made.size
    assert portrait_of(a_picture(form, size=(30, 20)))[1:] == (30, 20)


@pytest.mark.requirement("C06")
def test_it_stands_upright_and_does_not_tell_where_it_was_taken():
    upload = a_picture(turned=True)
    assert b"SecretPhone" in upload
    portrait = portrait_of(upload)
    made = Image.open(io.BytesIO(portrait.jpeg)).convert("RGB")
    assert made.size == (LARGEST_SIDE // 2, LARGEST_SIDE)
    assert made.getpixel((made.width // 2, 5))[0] > 200  # red came up
    assert b"SecretPhone" not in portrait.jpeg
    assert b"Exif" not in portrait.jpeg


def a_bomb() -> bytes:
    """A PNG of a few bytes that says it is 30,000 pixels wide and high."""
    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.requirement("C06")
@pytest.mark.parametrize(
    ("upload", "reason"),
    [
        (b"%PDF-1.7 not a picture", "no picture"),
        (b"", "no picture"),
        (b"RIFF....WAVEfmt ", "no picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "no picture"),
        (a_picture()[:2000], "damaged"),
        (a_picture("PNG")[:60], "damaged"),
        (a_bomb(), "million pixels|no picture"),
    ],
    ids=["pdf", "nothing", "sound", "svg", "cut jpeg", "cut png", "bomb"],
)
def test_what_is_no_picture_is_refused_with_a_reason(upload, reason):
    with pytest.raises(NoPhoto, match=reason):
        portrait_of(upload)


@pytest.mark.requirement("C06")
def test_a_link_opens_one_photo_for_a_while():
    contact, until = new_id(), link_until(NOW)
    assert LIVES / 2 <= until - NOW <= LIVES
    token = link_token(SECRET, contact, 3, until)
    assert opened_by([SECRET], token, NOW) == (contact, 3)
    assert opened_by([SECRET], token, until + dt.timedelta(seconds=1)) is None
    assert opened_by([ANOTHER], token, NOW) is None
    assert opened_by([ANOTHER, SECRET], token, NOW) == (contact, 3), "the secret is being changed"
    for n in range(0, len(token) - 1, 5):
        assert opened_by([SECRET], token[:n] + ("A" if token[n] != "A" else "B") + token[n + 1 :], NOW) is None
    for rubbish in ("", "x", "ü", token[:-9], "A" * 200):
        assert opened_by([SECRET], rubbish, NOW) is None

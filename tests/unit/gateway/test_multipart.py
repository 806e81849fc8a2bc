"""A multipart body is read piece by piece, and out of order it is malformed, never a crash."""

import io
from contextlib import suppress

import pytest
from hypothesis import given, strategies as st
from werkzeug.exceptions import RequestEntityTooLarge

from gateway.errors import Malformed
from gateway.multipart import PIECE, Multipart

FORM = (
    b'--B\r\nContent-Disposition: form-data; name="mode"\r\n\r\ncreate\r\n'
    b'--B\r\nContent-Disposition: form-data; name="file"; filename="C:\\\\me\\\\leads.csv"\r\n\r\n%s\r\n'
    b'--B\r\nContent-Disposition: form-data; name="note"\r\n\r\nafter\r\n--B--\r\n'
)


class Counting(io.BytesIO):
    """Remembers the largest piece that was asked for."""

    largest = 0

    def read(self, size=-1):
        self.largest = max(self.largest, size if size >= 0 else len(self.getbuffer()))
        return super().read(size)


def _read(body, boundary="B"):
    found = []
    for part in Multipart(io.BytesIO(body), boundary):
        content = b""
        while piece := part.read(1000):
            content += piece
        found.append((part.name, part.file_name, content))
    return found


@given(st.binary(max_size=5000).filter(lambda content: b"--B" not in content))
def test_every_part_comes_whole_whatever_is_in_it(content):
    assert _read(FORM % content) == [
        ("mode", None, b"create"), ("file", "leads.csv", content), ("note", None, b"after"),
    ]  # fmt: skip


def test_a_large_file_is_never_held_whole():
    body = Counting(FORM % (b"x" * 5_000_000))
    sizes = []
    for part in Multipart(body, "B"):
        while piece := part.read(PIECE):
            sizes.append(len(piece))
    assert sum(sizes) > 5_000_000
    assert max(sizes) <= PIECE
    assert body.largest == PIECE


def test_a_part_that_nobody_reads_is_passed_over():
    assert [part.name for part in Multipart(io.BytesIO(FORM % b"x" * 1), "B")] == ["mode", "file", "note"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "empty"),
        (b"rubbish", "no boundary in it"),
        (FORM[:120], "cut off within a file's headers"),
        ((FORM % (b"x" * 500))[:300], "cut off within a file"),
        (b"--B\r\n\r\nno name\r\n--B--\r\n", "a part without a name"),
    ],
)
def test_a_body_out_of_order_is_malformed(body, why):
    with pytest.raises(Malformed):
        _read(body)


def test_without_a_boundary_it_is_malformed():
    with pytest.raises(Malformed):
        Multipart(io.BytesIO(b""), "")


@given(st.binary(max_size=300))
def test_no_bytes_at_all_break_it(body):
    with suppress(Malformed):
        _read(body)


def test_a_field_as_long_as_a_file_is_refused():
    body = b'--B\r\nContent-Disposition: form-data; name="mode"\r\n\r\n' + b"x" * 200_000 + b"\r\n--B--\r\n"
    with pytest.raises(RequestEntityTooLarge):
        [part.text() for part in Multipart(io.BytesIO(body), "B")]

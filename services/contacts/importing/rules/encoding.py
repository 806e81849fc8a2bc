"""In which encoding a file was written, decided over all of it and not by its beginning."""

from __future__ import annotations

import codecs
from typing import BinaryIO

from charset_normalizer import from_bytes

from contracts.errors import Invalid

BLOCK = 256 * 1024
SAMPLE = 32 * 1024

_MARKS = (  # the longer mark first: UTF-32's begins with UTF-16's
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_A_TABLE = (
    (b"PK\x03\x04", "This is an Excel or ZIP file; save it as CSV first."),
    (b"\xd0\xcf\x11\xe0", "This is an old Excel file; save it as CSV first."),
    (b"%PDF", "This is a PDF, not a table."),
    (b"\x89PNG", "This is a picture, not a table."),
    (b"\xff\xd8\xff", "This is a picture, not a table."),
    (b"GIF8", "This is a picture, not a table."),
    (b"\x1f\x8b", "This is a packed file; unpack it first."),
)


def refused(reason: str) -> Invalid:
    """Say why a file cannot be imported, in the manner of every refusal."""
    return Invalid.field("/file", reason)


def encoding_of(stream: BinaryIO, *, whole: bool = True) -> str:
    """Name the encoding of a file by its mark, else UTF-8 if it is, else the likeliest one.

    `whole=False` looks at the first block only. Refuses what is empty or no text.
    """
    head = stream.read(BLOCK)
    if not head.strip():
        raise refused("The file is empty.")
    for beginning, reason in _NOT_A_TABLE:
        if head.startswith(beginning):
            raise refused(reason)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if b"\0" in head:
        return _utf16_without_mark(head)
    return _utf8_or_likeliest(head, stream, whole=whole)


def _utf16_without_mark(head: bytes) -> str:
    even, odd = head[0:4096:2].count(0), head[1:4096:2].count(0)
    half = len(head[:4096]) / 2
    if odd > 0.4 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.1 * half:
        return "utf-16-be"
    raise refused("This is a binary file, not a table.")


def _utf8_or_likeliest(block: bytes, stream: BinaryIO, *, whole: bool) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8, foreign = True, bytearray()
    while block:
        if b"\0" in block:
            raise refused("This is a binary file, not a table.")
        if len(foreign) < SAMPLE and not block.isascii():
            foreign += b"\n".join(line for line in block.splitlines() if not line.isascii())
        if is_utf8:
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                is_utf8 = False
        if not whole or (not is_utf8 and len(foreign) >= SAMPLE):
            break
        block = stream.read(BLOCK)
    return "utf-8" if is_utf8 else _likeliest(bytes(foreign[:SAMPLE]))


def _likeliest(sample: bytes) -> str:
    match = from_bytes(sample, cp_exclusion=["utf_16", "utf_32", "utf_7"]).best()
    if match is None or sum(byte < 9 for byte in sample) > len(sample) / 100:
        raise refused("This is a binary file, not a table.")
    return match.encoding

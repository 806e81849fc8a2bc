"""In which encoding a file was written, decided over all of it and not by its beginning."""

from __future__ import annotations

import codecs
from typing import BinaryIO

from charset_normalizer import from_bytes

from chassis.contents import bare_utf16
from contracts.errors import Invalid
from services.contacts.importing.parsing.alphabets import windows_encoding_of

BLOCK = 256 * 1024
SAMPLE = 32 * 1024

_MARKS = (  # the longer mark first: UTF-32's begins with UTF-16's
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def refused(reason: str) -> Invalid:
    """Say why a file cannot be imported, in the manner of every refusal."""
    return Invalid.field("/file", reason)


def encoding_of(stream: BinaryIO) -> str:
    """Name the encoding of a file by its mark, else UTF-8 if it is, else the likeliest one.

    Refuses what is empty or no text.
    """
    head = stream.read(BLOCK)
    if not head.strip():
        raise refused("The file is empty.")
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if b"\0" in head:
        bare = bare_utf16(head)
        if bare is None:
            raise refused("This is a binary file, not a table.")
        return bare
    return _utf8_or_likeliest(head, stream)


def known_encoding(name: str) -> str:
    """Give the encoding that somebody named, or refuse what no text is written in."""
    try:
        found = codecs.lookup(name)
        b"a".decode(found.name)
    except (LookupError, ValueError):
        raise refused(f"There is no encoding “{name[:40]}”.") from None
    return found.name


def _utf8_or_likeliest(block: bytes, stream: BinaryIO) -> str:
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
        if not is_utf8 and len(foreign) >= SAMPLE:
            break
        block = stream.read(BLOCK)
    return "utf-8" if is_utf8 else _likeliest(bytes(foreign[:SAMPLE]))


def _likeliest(sample: bytes) -> str:
    if known := windows_encoding_of(sample):
        return known
    match = from_bytes(sample, cp_exclusion=["utf_16", "utf_32", "utf_7"]).best()
    if match is None or sum(byte < 9 for byte in sample) > len(sample) / 100:
        raise refused("This is a binary file, not a table.")
    return match.encoding

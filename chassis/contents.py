"""What an uploaded file is by its first bytes, whatever it is called; enough to turn it away at the door."""

from __future__ import annotations

import codecs

LOOKED_AT = 4096
_KNOWN = (
    (b"%PDF", "This is a PDF, not a table."),
    (b"\x89PNG", "This is a picture, not a table."),
    (b"\xff\xd8\xff", "This is a picture, not a table."),
    (b"GIF8", "This is a picture, not a table."),
    (b"\x7fELF", "This is a program, not a table."),
    (b"MZ", "This is a program, not a table."),
    (b"\x1f\x8b", "This is a packed file; unpack it first."),
    (b"7z\xbc\xaf", "This is a packed file; unpack it first."),
    (b"Rar!", "This is a packed file; unpack it first."),
)
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_TEXT_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)


def why_no_table(head: bytes) -> str | None:
    """Tell why a file that begins so cannot be a table, a spreadsheet or a text; None when it may be one."""
    if not head.strip():
        return "The file is empty."
    if head.startswith((_ZIP, _OLE, *_TEXT_MARKS)):
        return None
    for beginning, reason in _KNOWN:
        if head.startswith(beginning) and (beginning != b"MZ" or b"\0" in head):
            return reason
    if b"\0" in head and bare_utf16(head) is None:
        return "This is a binary file, not a table."
    return None


def bare_utf16(head: bytes) -> str | None:
    """Name the byte order of UTF-16 without a mark: in Latin text every second byte is null."""
    even, odd = head[0:LOOKED_AT:2].count(0), head[1:LOOKED_AT:2].count(0)
    half = len(head[:LOOKED_AT]) / 2
    if odd > 0.4 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.1 * half:
        return "utf-16-be"
    return None

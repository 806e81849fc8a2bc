"""What kind of file it is, by what it contains: names and endings lie."""

from __future__ import annotations

import zipfile
from typing import BinaryIO

from chassis.contents import LOOKED_AT, why_no_table
from services.contacts.importing.parsing.encoding import refused

MOST_MEMBERS = 5_000
LARGEST_UNPACKED = 320 * 1024 * 1024
HARMLESS = 16 * 1024 * 1024
"""Unpacked, so much is read whatever the ratio."""
MOST_RATIO = 100

_WEB_PAGES = (b"<html", b"<!doctype html", b"<table", b"<?xml", b"<meta", b"<style", b"<head")


def kind_of(stream: BinaryIO) -> str:
    """Tell csv, xlsx, xlsb, xls, ods or vcard; refuses everything else by its name."""
    head = stream.read(LOOKED_AT)
    stream.seek(0)
    if reason := why_no_table(head):
        raise refused(reason)
    if head.startswith(b"PK\x03\x04"):
        return _kind_of_zip(stream)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "xls"
    plain = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if plain.startswith(b"begin:vcard"):
        return "vcard"
    if plain.startswith(_WEB_PAGES):
        raise refused("This is a web page or XML under another name; open it in a spreadsheet and save it as .xlsx.")
    return "csv"


def _kind_of_zip(stream: BinaryIO) -> str:
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile:
        raise refused("This Excel or ZIP file is damaged.") from None
    finally:
        stream.seek(0)
    names = {member.filename for member in members}
    if "xl/workbook.xml" in names:
        kind = "xlsx"
    elif "xl/workbook.bin" in names:
        kind = "xlsb"
    elif "content.xml" in names:
        kind = "ods"
    else:
        raise refused("This is a ZIP file without a spreadsheet; unpack it first.")
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    if (
        len(members) > MOST_MEMBERS
        or unpacked > LARGEST_UNPACKED
        or (unpacked > HARMLESS and unpacked / packed > MOST_RATIO)
    ):
        raise refused(f"Unpacked, this spreadsheet has {unpacked:,} bytes, more than can be read; save it as CSV.")
    return kind

"""Files made to hurt are refused with a reason, soon, and no process of the house takes harm or memory."""

from __future__ import annotations

import io
import re
import struct
import time
import zipfile

import psutil
import pytest

from tests.builders import exports
from tests.service.contacts.importing_files import counts, imported, table

MIB = 1024 * 1024
_SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def rewritten(change):
    """A workbook in which `change(name, content)` gives each member its content, a piece at a time."""
    original, out = zipfile.ZipFile(io.BytesIO(exports.as_xlsx(exports.clients("x")))), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in original.namelist():
            with archive.open(name, "w") as member:
                for piece in change(name, original.read(name)):
                    member.write(piece)
    return out.getvalue()


def in_the_sheet(*pieces):
    return rewritten(lambda name, content: pieces if name == "xl/worksheets/sheet1.xml" else [content])


def bomb():
    return in_the_sheet(*[b" " * MIB] * 40)


def lying_bomb():
    """It says of its millions of cells that they are a few bytes."""
    row = b'<row><c t="inlineStr"><is><t>' + b"x" * 400 + b"</t></is></c>" * 1 + b"</row>"
    content = in_the_sheet(_SHEET.encode(), *[row * 2000] * 300, b"</sheetData></worksheet>")
    size = sum((len(_SHEET), 300 * 2000 * len(row), len(b"</sheetData></worksheet>")))
    assert content.count(struct.pack("<I", size)) >= 1
    return content.replace(struct.pack("<I", size), struct.pack("<I", 500))


def laughs():
    kind = f'<!DOCTYPE lolz [<!ENTITY l0 "lol">{_LAUGHS}]>'
    row = '<row><c t="inlineStr"><is><t>&l9;</t></is></c></row>'
    return in_the_sheet(f"{kind}{_SHEET}{row}</sheetData></worksheet>".encode())


def wide():
    return exports.as_xlsx([["Clients"], ["Email", *[f"c{n}" for n in range(16_000)]]])


def zip_in_zip():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("inner.xlsx", exports.as_xlsx(exports.clients("x")))
    return out.getvalue()


@pytest.mark.requirement("C19")
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (bomb, "more than can be read"),
        (lying_bomb, "memory|cannot be read|characters"),
        (laughs, "No column|cannot be read|memory"),
        (wide, "500 columns"),
        (zip_in_zip, "without a spreadsheet"),
        (lambda: b"PK\x03\x04" + b"\x00" * 5000, "damaged"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 5000, "cannot be read"),
        (lambda: b"<html><table><tr><td>Email</td></tr></table></html>", "web page"),
        (lambda: b"\n".join([b"word"] * 300_000), "No column"),
        (lambda: b"BEGIN:VCARD\r\n" + b"NOTE:x\r\n " * 100_000, "characters"),
    ],
    ids=["bomb", "bomb that lies", "billion laughs", "16k columns", "zip in zip", "damaged", "no OLE", "web page",
         "one column", "a card without end"],
)  # fmt: skip
def test_it_is_refused_soon_and_nothing_grows(house, make, words):
    content = make()
    processes = [psutil.Process(process.pid) for process in house.house.processes.values()]
    before = {process.pid: process.memory_info().rss for process in processes}
    started = time.monotonic()
    job = imported(house, content, name="harmless.csv", seconds=60)
    seconds = time.monotonic() - started
    assert job["state"] == "failed"
    assert re.search(words, job["error"]), job["error"]
    assert seconds < 20
    assert all(process.memory_info().rss - before[process.pid] < 60 * MIB for process in processes)


@pytest.mark.requirement("C19")
def test_the_house_goes_on_importing(house, someone):
    assert counts(imported(house, table(["Email"], [f"{someone}@example.org"])))["created"] == 1

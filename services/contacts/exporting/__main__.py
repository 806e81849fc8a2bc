"""`python -m services.contacts.exporting`: make one file of the parts of an export, told on standard input which."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterator
from typing import Any

from xlsxwriter import Workbook

from chassis import storage
from chassis.apart import answer_with
from chassis.formulas import defused
from contracts.errors import Invalid

LARGEST_FILE = 8 * 1024**3
MOST_ROWS = 1_048_576
"""Of a sheet in Excel."""
LONGEST_CELL = 32_767


def write(question: dict[str, Any]) -> dict[str, Any]:
    """Write the rows of `parts` under `headers`, and keep the file under `file_key`."""
    with tempfile.NamedTemporaryFile() as file:
        rows = _rows(question["parts"])
        if question["format"] == "xlsx":
            _write_workbook(file.name, question["headers"], rows)
        else:
            _write_csv(file, question["headers"], rows, bom=question["bom"])
        with open(file.name, "rb") as written:
            size = written.seek(0, io.SEEK_END)
            written.seek(0)
            storage.put(written, limit=LARGEST_FILE, prefix="exports", key=question["file_key"])
    return {"size": size}


def _rows(parts: list[str]) -> Iterator[list[Any]]:
    for key in parts:
        with storage.open(key) as part:
            yield from map(json.loads, io.TextIOWrapper(part, encoding="utf-8"))


def _write_csv(file: Any, headers: list[str], rows: Iterator[list[Any]], *, bom: bool) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8-sig" if bom else "utf-8", newline="", write_through=False)
    out = csv.writer(text)
    out.writerow([defused(header) for header in headers])
    for row in rows:
        out.writerow([defused(cell) if isinstance(cell, str) else cell for cell in row])
    text.flush()
    text.detach()


def _write_workbook(path: str, headers: list[str], rows: Iterator[list[Any]]) -> None:
    """Cells of text are written as such: no formula is ever made of one."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(path, options) as book:
        sheet = book.add_worksheet("Contacts")
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, headers)
        for number, row in enumerate(rows, 1):
            if number >= MOST_ROWS:
                raise Invalid.field("/format", f"A sheet holds {MOST_ROWS:,} rows; export as CSV.")
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, place, cell[:LONGEST_CELL])
                elif cell is not None:
                    sheet.write_number(number, place, cell)


if __name__ == "__main__":
    answer_with(write)

"""A sheet of a workbook (Excel or OpenDocument) as rows of text."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from typing import Any, NamedTuple

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from services.contacts.importing.parsing.encoding import refused

_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#GETTING_DATA"})
_COUNTS_FROM_1904 = re.compile(rb"<workbookPr[^>]*\bdate1904=[\"'](?:1|true)[\"']")
_MIDNIGHT = dt.time()
MOST_MERGED = 1000


class Sheet(NamedTuple):
    """A sheet, and from which year its bare numbers count days."""

    name: str
    names: list[str]
    epoch: int
    sheet: CalamineSheet


def sheet_of(path: str, kind: str, wanted: str | None) -> Sheet:
    """Open the sheet of that name, else the first visible one with data."""
    try:
        book = load_workbook(path)
        names = [one.name for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
        seen = [one.name for one in book.sheets_metadata if one.visible == SheetVisibleEnum.Visible]
        if wanted and wanted not in names:
            raise refused(f"The file has no sheet “{wanted}”; it has {', '.join(names)[:200]}.")
        sheet = book.get_sheet_by_name(wanted) if wanted else _first_with_data(book, names, seen)
    except PasswordError:
        raise refused("The spreadsheet is protected by a password.") from None
    except CalamineError as problem:
        if "password" in str(problem).lower() or "encrypt" in str(problem).lower():
            raise refused("The spreadsheet is protected by a password.") from None
        raise refused("The spreadsheet cannot be read; it is damaged or no spreadsheet.") from None
    return Sheet(sheet.name, names, 1904 if kind == "xlsx" and _counts_from_1904(path) else 1900, sheet)


def rows_of(opened: Sheet) -> Iterator[list[str]]:
    """Yield its rows from the first of the sheet on; what is merged downwards stands in each row that it covers."""
    sheet = opened.sheet
    covered = _merged_downwards(sheet)
    held: dict[int, str] = {}
    blanks = 0
    for number, cells in enumerate(sheet.iter_rows()):
        row = [_text(cell) for cell in cells]
        for column, (first, last) in covered.get(number, {}).items():
            if number == first:
                held[column] = row[column] if column < len(row) else ""
            elif number <= last and column < len(row):
                row[column] = row[column] or held.get(column, "")
        if not any(row):
            blanks += 1  # told only when something follows: sheets end in thousands of rows that were once touched
            continue
        for _ in range(blanks):
            yield []
        blanks = 0
        yield row


def _first_with_data(book: CalamineWorkbook, names: list[str], seen: list[str]) -> CalamineSheet:
    for name in [name for name in names if name in seen] or names:
        sheet = book.get_sheet_by_name(name)
        if sheet.start is not None:
            return sheet
    raise refused("The spreadsheet is empty.")


def _merged_downwards(sheet: CalamineSheet) -> dict[int, dict[int, tuple[int, int]]]:
    """For each row the columns in which a merge of several rows covers it (empty first columns are left out)."""
    covered: dict[int, dict[int, tuple[int, int]]] = {}
    before = sheet.start[1] if sheet.start else 0
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        for number in range(top, min(bottom, top + MOST_MERGED) + 1 if bottom > top else top):
            covered.setdefault(number, {})[left - before] = (top, bottom)
    return covered


def _text(cell: Any) -> str:
    """A cell as it is read in a table; a formula is its value, an error nothing."""
    if isinstance(cell, str):
        return "" if cell in _ERRORS else cell
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == _MIDNIGHT else cell.isoformat(" ", "minutes")
    if isinstance(cell, dt.date):
        return cell.isoformat()
    if isinstance(cell, dt.time):
        return cell.isoformat("minutes")
    return str(cell)


def _counts_from_1904(path: str) -> bool:
    with zipfile.ZipFile(path) as archive, archive.open("xl/workbook.xml") as file:
        return _COUNTS_FROM_1904.search(file.read(64 * 1024)) is not None

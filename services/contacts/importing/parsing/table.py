"""A file of any kind as one table: its header found, its rows numbered, counted and looked at."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain, islice
from typing import Any, BinaryIO

from services.contacts.importing.parsing import delimited, kinds, vcards, workbook
from services.contacts.importing.parsing.encoding import encoding_of, known_encoding, refused
from services.contacts.importing.rules.columns import columns_of, known_headers
from services.contacts.importing.rules.dates import DATES, month_first_vote

LOOKED_AT = 30
"""Rows in which a header is searched: some systems write a title above it."""
LONGEST_ROW = 100_000
MOST_ROWS = 1_048_576
"""As many as a sheet of Excel has."""
WIDEST = 500
SAMPLES = 3
SAMPLED_ROWS = 500
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.\w+")


@dataclass
class Found:
    """How a file was found to be written, and what reading it through told.

    `known` counts the headers that say what they hold; `emails` are the columns whose cells look like addresses.
    """

    format: str
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    sheets: list[str] = field(default_factory=list)
    epoch: int | None = None
    header_row: int = 0
    header: list[str] = field(default_factory=list)
    known: int = 0
    rows: int = 0
    month_first: list[str] = field(default_factory=list)
    samples: list[list[str]] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)


def read_table(path: str, out: Any, wishes: Mapping[str, Any]) -> dict[str, Any]:
    """Read the file at `path` whole and write its rows, one JSON list `[number, cells]` a line, to `out`.

    Refuses what is no table, or too large for one, before anybody relies on a row of it.
    """
    with open(path, "rb") as stream:
        if not stream.read(1):
            raise refused("The file is empty.")
        stream.seek(0)
        found, rows = _opened(stream, path, wishes)
        _write(rows, out, found, wishes.get("mapping") or {})
    return asdict(found)


def _opened(stream: BinaryIO, path: str, wishes: Mapping[str, Any]) -> tuple[Found, Iterator[list[str]]]:
    found = Found(kinds.kind_of(stream))
    mapped = list(wishes.get("mapping") or {})
    at = wishes.get("header_row")
    if found.format in ("csv", "vcard"):
        wanted = wishes.get("encoding")
        found.encoding = known_encoding(wanted) if wanted else encoding_of(stream)
    if found.format == "csv":
        begun = delimited.beginnings(stream, found.encoding or "", max(LOOKED_AT, at or 0))
        if wishes.get("delimiter"):
            begun = {wishes["delimiter"]: begun[wishes["delimiter"]]}
        found.delimiter = _place_header(found, begun, mapped, at)
        return found, islice(delimited.rows_of(stream, found.encoding or "", found.delimiter), found.header_row, None)
    if found.format == "vcard":
        rows = vcards.rows_of(stream, found.encoding or "")
        found.header = next(rows)
        found.known = len(known_headers(found.header))
        return found, rows
    opened = workbook.sheet_of(path, found.format, wishes.get("sheet"))
    found.sheet, found.sheets, found.epoch = opened.name, opened.names, opened.epoch
    if opened.sheet.width > WIDEST:
        raise refused(f"The file has more than {WIDEST} columns.")
    rows = workbook.rows_of(opened)
    begun = {"": list(islice(rows, max(LOOKED_AT, at or 0)))}
    _place_header(found, begun, mapped, at)
    return found, islice(chain(begun[""], rows), found.header_row, None)


def _place_header(found: Found, begun: Mapping[str, list[list[str]]], mapped: Sequence[str], at: int | None) -> str:
    """Take the delimiter and the row under which most columns are known, else the first row that names several."""
    best: tuple[int, str, int, list[str]] = (0, "", 0, [])
    for delimiter, rows in begun.items():
        for number, cells in enumerate(rows, 1):
            if at and number != at:
                continue
            names = [cell.strip() for cell in cells]
            known = len(known_headers(names)) + sum(name in mapped for name in names)
            if known > best[0]:
                best = (known, delimiter, number, names)
    if best[0] == 0:
        best = _first_names(begun, at)
    found.known, delimiter, found.header_row, found.header = best
    while found.header and not found.header[-1]:
        found.header.pop()
    if not found.header:
        raise refused(f"Row {at} names no columns." if at else "The file is empty.")
    if len(found.header) > WIDEST:
        raise refused(f"The file has more than {WIDEST} columns.")
    return delimiter


def _first_names(begun: Mapping[str, list[list[str]]], at: int | None) -> tuple[int, str, int, list[str]]:
    delimiter = delimited.likeliest_delimiter(dict(begun))
    rows = [(number, [cell.strip() for cell in cells]) for number, cells in enumerate(begun[delimiter], 1)]
    if at:
        return 0, delimiter, at, next((cells for number, cells in rows if number == at), [])
    several = (row for row in rows if sum(map(bool, row[1])) > 1)
    number, cells = next(several, None) or next((row for row in rows if any(row[1])), (1, []))
    return 0, delimiter, number, cells


def _write(rows: Iterator[list[str]], out: Any, found: Found, mapping: Mapping[str, Any]) -> None:
    dated = _dated(found.header, mapping)
    votes = dict.fromkeys(dated, 0)
    look = _Look(found)
    number = found.header_row
    for number, cells in enumerate(rows, found.header_row + 1):
        if number - found.header_row > MOST_ROWS:
            raise refused(f"The file has more than {MOST_ROWS:,} rows; split it.")
        if sum(map(len, cells)) > LONGEST_ROW:
            raise refused(f"Row {number} has more than {LONGEST_ROW:,} characters.")
        for n in dated:
            if n < len(cells) and cells[n]:
                votes[n] += month_first_vote(cells[n])
        if number - found.header_row <= SAMPLED_ROWS:
            look.at(cells)
        out.write(json.dumps([number, cells], ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))
        out.write(b"\n")
    found.rows = number - found.header_row
    found.month_first = sorted({found.header[n] for n, vote in votes.items() if vote > 0})
    look.tell()


def _dated(header: Sequence[str], mapping: Mapping[str, Any]) -> list[int]:
    """The columns that may hold dates: by their header or by hand, and every one that the business made its own."""
    by_hand = {name: target or "-" for name, target in mapping.items()}
    return [
        n
        for n, column in enumerate(columns_of(header, by_hand))
        if column is None or column.field in DATES or column.field.startswith("fields.")
    ]


class _Look:
    """A look at the first rows: what the cells of each column are like."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self._samples: list[list[str]] = [[] for _ in found.header]
        self._filled = [0] * len(found.header)
        self._emails = [0] * len(found.header)

    def at(self, cells: Sequence[str]) -> None:
        for n, cell in enumerate(cells[: len(self._samples)]):
            if not (cell := cell.strip()):
                continue
            self._filled[n] += 1
            self._emails[n] += _EMAIL.fullmatch(cell) is not None
            if len(self._samples[n]) < SAMPLES and cell not in self._samples[n]:
                self._samples[n].append(cell[:100])

    def tell(self) -> None:
        self._found.samples = self._samples
        self._found.emails = [
            header
            for n, header in enumerate(self._found.header)
            if header and self._filled[n] and self._emails[n] >= 0.8 * self._filled[n]
        ]

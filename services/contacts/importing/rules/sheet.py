"""A CSV file as numbered rows, read as a stream."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, BinaryIO

from services.contacts.importing.rules.columns import columns_of, known_headers
from services.contacts.importing.rules.dates import month_first_vote
from services.contacts.importing.rules.encoding import encoding_of, refused

DELIMITERS = (",", ";", "\t", "|")
LONGEST_LINE = 1_000_000
LONGEST_ROW = 100_000
WIDEST = 500
LOOKED_AT = 30
"""Rows in which a header is searched: some systems write a title above it."""


@dataclass(frozen=True)
class Layout:
    """How a file is to be read; small and plain, so that a checkpoint can keep it."""

    encoding: str
    delimiter: str
    header_row: int
    header: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"header": list(self.header)}

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> Layout:
        return cls(**{**kept, "header": tuple(kept["header"])})


def layout_of(stream: BinaryIO, *, mapped: Sequence[str] = (), whole: bool = True) -> Layout:
    """Find encoding, delimiter and header; `mapped` are headers that somebody named by hand.

    Refuses a file in which no column can be recognised, or that lacks a column named by hand.
    """
    encoding = encoding_of(stream, whole=whole)
    stream.seek(0)
    head = list(islice(_lines(stream, encoding), LOOKED_AT * 4))
    delimiter, header_row, header = _header(head, mapped)
    missing = [name for name in mapped if name not in header]
    if missing:
        raise refused(f"The file has no column “{missing[0]}”.")
    if len(header) > WIDEST:
        raise refused(f"The file has more than {WIDEST} columns.")
    return Layout(encoding, delimiter, header_row, header)


def rows_of(stream: BinaryIO, layout: Layout, *, after: int = 0) -> Iterator[tuple[int, list[str]]]:
    """Yield (row number, cells) below the header, those up to row `after` passed over.

    Rows are counted as a spreadsheet does, the first being 1, whatever line breaks a cell holds.
    """
    rows = csv.reader(_lines(stream, layout.encoding), delimiter=layout.delimiter)
    start = max(after, layout.header_row)
    try:
        yield from enumerate(islice(rows, start, None), start + 1)
    except csv.Error as problem:
        raise refused(f"Line {rows.line_num} cannot be read: {problem}. Is a quotation mark not closed?") from problem


@dataclass(frozen=True)
class Survey:
    """What reading a file through told: how to read it, how many rows it has, which columns have the month first."""

    layout: Layout
    rows: int
    month_first: frozenset[str]


def surveyed(stream: BinaryIO, mapping: Mapping[str, str]) -> Survey:
    """Read the whole file once; refuses what would stop an import in the middle."""
    layout = layout_of(stream, mapped=list(mapping))
    columns = columns_of(layout.header, mapping)
    dated = [n for n, column in enumerate(columns) if column and column.field in ("birthday", "customer_since")]
    votes = dict.fromkeys(dated, 0)
    count = 0
    stream.seek(0)
    for number, cells in rows_of(stream, layout):
        count += 1
        if sum(map(len, cells)) > LONGEST_ROW:
            raise refused(f"Row {number} has more than {LONGEST_ROW:,} characters.")
        for n in dated:
            if n < len(cells) and cells[n]:
                votes[n] += month_first_vote(cells[n])
    return Survey(layout, count, frozenset(layout.header[n] for n, vote in votes.items() if vote > 0))


def _lines(stream: BinaryIO, encoding: str) -> Iterator[str]:
    text = io.TextIOWrapper(stream, encoding, errors="replace", newline="")
    try:
        while line := text.readline(LONGEST_LINE):
            if len(line) == LONGEST_LINE:
                raise refused(f"The file has a line of more than {LONGEST_LINE:,} characters.")
            yield line
    finally:
        text.detach()


def _header(head: list[str], mapped: Sequence[str]) -> tuple[str, int, tuple[str, ...]]:
    """Take the delimiter and the row under which most columns are known."""
    best: tuple[int, str, int, tuple[str, ...]] = (0, "", 0, ())
    for delimiter in DELIMITERS:
        for number, cells in enumerate(_parsed(head, delimiter), 1):
            names = tuple(cell.strip() for cell in cells)
            known = len(known_headers(names)) + sum(name in mapped for name in names)
            if known > best[0]:
                best = (known, delimiter, number, names)
    if best[0] == 0:
        raise refused("No column of the file is known; name the columns by hand (`mapping`).")
    return best[1:]


def _parsed(head: list[str], delimiter: str) -> list[list[str]]:
    try:
        return list(islice(csv.reader(head, delimiter=delimiter), LOOKED_AT))
    except csv.Error:
        return []

"""A text file with delimiters as rows, read as a stream."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import BinaryIO

from services.contacts.importing.parsing.encoding import refused

DELIMITERS = (",", ";", "\t", "|")
LONGEST_LINE = 1_000_000
LINES_A_ROW = 4


def rows_of(stream: BinaryIO, encoding: str, delimiter: str) -> Iterator[list[str]]:
    """Yield the rows as a spreadsheet counts them, whatever line breaks a cell holds."""
    stream.seek(0)
    rows = csv.reader(lines_of(stream, encoding), delimiter=delimiter)
    try:
        yield from rows
    except csv.Error as problem:
        raise refused(f"Line {rows.line_num} cannot be read: {problem}. Is a quotation mark not closed?") from problem


def beginnings(stream: BinaryIO, encoding: str, count: int) -> dict[str, list[list[str]]]:
    """Give the first rows as each delimiter would have them."""
    stream.seek(0)
    head = list(islice(lines_of(stream, encoding), count * LINES_A_ROW))
    return {delimiter: _parsed(head, delimiter, count) for delimiter in DELIMITERS}


def likeliest_delimiter(begun: dict[str, list[list[str]]]) -> str:
    """Take the delimiter that gives the most rows of one and the same width, for a header that says nothing."""

    def regularity(delimiter: str) -> int:
        widths = [len(row) for row in begun[delimiter] if len(row) > 1]
        return max((widths.count(width) * width for width in set(widths)), default=0)

    return max(begun, key=regularity)


def lines_of(stream: BinaryIO, encoding: str) -> Iterator[str]:
    text = io.TextIOWrapper(stream, encoding, errors="replace", newline="")
    try:
        while line := text.readline(LONGEST_LINE):
            if len(line) == LONGEST_LINE:
                raise refused(f"The file has a line of more than {LONGEST_LINE:,} characters.")
            yield line.replace("\0", "")
    finally:
        if not stream.closed:
            text.detach()  # the stream is its owner's


def _parsed(head: list[str], delimiter: str, count: int) -> list[list[str]]:
    """The rows before the first that cannot be read: whoever reads the whole file says what is wrong with it."""
    rows: list[list[str]] = []
    with suppress(csv.Error):
        for row in islice(csv.reader(head, delimiter=delimiter), count):
            rows.append(row)
    return rows

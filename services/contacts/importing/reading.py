"""The rows of a file: read by a process of its own, kept beside the file, and open from step to step."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from typing import Any, BinaryIO, NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import text

from chassis import storage
from chassis.apart import answer_of
from contracts.errors import Invalid, NotFound
from services.contacts.importing.model import Import

KEPT_OPEN = 4
READ_SECONDS = 90
READ_MEGABYTES = 256


class _Open(NamedTuple):
    stream: BinaryIO
    rows: Iterator[tuple[int, list[str]]]
    position: int


_open_files: OrderedDict[str, _Open] = OrderedDict()


def read_file(work: Any, record: Import) -> dict[str, Any]:
    """Have the file read as the import wishes, and tell how it was found; refuses with Invalid what cannot be read."""
    question = {
        "file_key": record.file_key,
        "rows_key": _rows_key(record),
        "wishes": {**record.wishes, "mapping": record.mapping},
    }
    try:
        return answer_of(
            "services.contacts.importing.parsing",
            question,
            seconds=READ_SECONDS,
            megabytes=READ_MEGABYTES,
            meanwhile=lambda: work.session.execute(text("SELECT 1")),  # a transaction that idles a minute is ended
        )
    except TimeoutError:
        raise Invalid.field("/file", "The file takes too long to read; split it.") from None
    except MemoryError:
        raise Invalid.field("/file", "The file takes too much memory to read; save it as CSV, or split it.") from None
    except RuntimeError:
        raise Invalid.field("/file", "The file cannot be read; it is damaged, or no table.") from None


def next_rows(work: Any, record: Import, *, after: int, count: int) -> list[tuple[int, list[str]]]:
    """Give up to `count` rows after row `after`; fewer only at the end of the file.

    Nothing hangs on the rows still being open, or kept: after a crash, or a step taken back, they are opened anew, and
    read anew from the file when they are gone.
    """
    file = _open_files.pop(record.id, None)
    if file is None or file.position != after:
        _close(file)
        file = _opened(work, record, after)
    try:
        rows = list(islice(file.rows, count))
    except BaseException:
        _close(file)
        raise
    if len(rows) < count:
        _close(file)
    else:
        _open_files[record.id] = file._replace(position=rows[-1][0])
        while len(_open_files) > KEPT_OPEN:
            _close(_open_files.popitem(last=False)[1])
    return rows


def first_rows(record: Import, count: int) -> list[tuple[int, list[str]]]:
    """Give the first rows of a file just read."""
    with closing(storage.open(_rows_key(record))) as stream:
        return list(islice(_rows(stream, 0), count))


def _opened(work: Any, record: Import, after: int) -> _Open:
    try:
        stream = storage.open(_rows_key(record))
    except NotFound:
        read_file(work, record)
        stream = storage.open(_rows_key(record))
    return _Open(stream, _rows(stream, after), after)


def _rows(stream: BinaryIO, after: int) -> Iterator[tuple[int, list[str]]]:
    for line in stream:
        if after and int(line[1 : line.index(b",")]) <= after:
            continue
        number, cells = json.loads(line)
        yield number, cells


def _rows_key(record: Import) -> str:
    """One for each way to read the file: two readings never write into each other's rows."""
    return storage.key_of("import-rows", str(uuid5(UUID(record.id), str(record.version))))


def _close(file: _Open | None) -> None:
    if file is not None:
        file.rows.close()  # type: ignore[attr-defined]
        file.stream.close()

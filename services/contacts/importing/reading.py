"""Files that are being read, kept open from step to step, so that no step begins anew at the top."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO, NamedTuple

from chassis import storage
from services.contacts.importing.rules.sheet import Layout, rows_of

KEPT_OPEN = 4


class _Open(NamedTuple):
    stream: BinaryIO
    rows: Iterator[tuple[int, list[str]]]
    position: int


_open_files: OrderedDict[str, _Open] = OrderedDict()


def next_rows(import_id: str, file_key: str, layout: Layout, *, after: int, count: int) -> list[tuple[int, list[str]]]:
    """Read up to `count` rows after row `after`; fewer only at the end of the file.

    Nothing hangs on the file still being open: after a crash, or a step taken back, it is opened anew and skimmed.
    """
    file = _open_files.pop(import_id, None)
    if file is None or file.position != after:
        _close(file)
        stream = storage.open(file_key)
        file = _Open(stream, rows_of(stream, layout, after=after), after)
    try:
        rows = list(islice(file.rows, count))
    except BaseException:
        _close(file)
        raise
    if len(rows) < count:
        _close(file)
    else:
        _open_files[import_id] = file._replace(position=rows[-1][0])
        while len(_open_files) > KEPT_OPEN:
            _close(_open_files.popitem(last=False)[1])
    return rows


def _close(file: _Open | None) -> None:
    if file is not None:
        file.rows.close()  # type: ignore[attr-defined]
        file.stream.close()

"""`python -m services.contacts.importing.parsing`: read one stored file into rows, told on standard input which."""

from __future__ import annotations

import shutil
import tempfile
from typing import Any

from chassis import storage
from chassis.apart import answer_with
from contracts.errors import NotFound
from services.contacts.importing.parsing.encoding import refused
from services.contacts.importing.parsing.table import read_table

LARGEST_ROWS = 4 * 1024**3


def read(question: dict[str, Any]) -> dict[str, Any]:
    """Read the file under `file_key` as `wishes` say, and keep its rows under `rows_key`."""
    with tempfile.NamedTemporaryFile() as file, tempfile.TemporaryFile() as rows:
        try:
            with storage.open(question["file_key"]) as stream:
                shutil.copyfileobj(stream, file, 1024 * 1024)
        except NotFound:
            raise refused("The file is no longer kept; upload it again.") from None
        file.flush()
        found = read_table(file.name, rows, question["wishes"])
        rows.seek(0)
        storage.put(rows, limit=LARGEST_ROWS, prefix="import-rows", key=question["rows_key"])
    return found


if __name__ == "__main__":
    answer_with(read)

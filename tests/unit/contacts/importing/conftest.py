"""Reading a file as the process does that is made for it."""

import io
import json

import pytest

from services.contacts.importing.parsing.table import read_table
from services.contacts.importing.rules.layout import Layout


@pytest.fixture
def read(tmp_path):
    """`layout, rows = read(content, sheet="B")`: how bytes or text are found to be written, and their rows."""

    def from_bytes(content, **wishes):
        path = tmp_path / "file"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        out = io.BytesIO()
        layout = Layout.from_dict(read_table(str(path), out, wishes))
        return layout, [tuple(json.loads(line)) for line in out.getvalue().splitlines()]

    return from_bytes

"""Flushes that write the changed rows of a table in one statement; SQLAlchemy's own say one for each row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from chassis.rows import update_rows


@contextmanager
def changed_together(session: Session) -> Iterator[None]:
    """In this block, and at its end, changed rows are written in sets, before new ones and whoever flushes.

    For rows that are changed by hundreds. A row that points at a new one by a foreign key has to be flushed after it.
    """
    event.listen(session, "before_flush", _write_changes)
    try:
        yield
        session.flush()
    finally:
        event.remove(session, "before_flush", _write_changes)


def _write_changes(session: Session, *_: Any) -> None:
    """Write what SQLAlchemy would write row by row, so that it finds nothing more to do."""
    alike: dict[tuple[type, frozenset[str]], list[Any]] = defaultdict(list)
    for row in session.dirty:
        if changed := set(inspect(type(row)).column_attrs.keys()) - inspect(row).unmodified:
            alike[type(row), frozenset(changed)].append(row)
    for (model, names), rows in alike.items():
        table: Any = inspect(model).local_table
        columns = sorted(names | {column.name for column in table.primary_key})
        written = [{name: getattr(row, name) for name in columns} for row in rows]
        update_rows(session, table, written)
        for row in rows:
            for name in names:
                set_committed_value(row, name, getattr(row, name))

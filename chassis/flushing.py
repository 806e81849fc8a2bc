"""Flushes that write the new and the changed rows of a table in one statement; SQLAlchemy's own take far longer.

It updates row by row, and for each new one it works out anew in which order rows depend on each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from chassis.rows import Part, insert_together, update_rows


@contextmanager
def changed_together(session: Session) -> Iterator[None]:
    """In this block, and at its end, changed rows are written in sets, before new ones and whoever flushes.

    For rows that are changed by hundreds. A row that points at a new one by a foreign key has to be flushed after it.
    """
    with _flushed_by(session, _write_changes):
        yield


@contextmanager
def written_together(session: Session) -> Iterator[None]:
    """In this block, and at its end, new rows are written in one statement, and then changed ones in sets.

    For rows that are made by hundreds too. A new one of which something is left to be filled in, SQLAlchemy writes.
    """
    with _flushed_by(session, _write):
        yield


@contextmanager
def _flushed_by(session: Session, write: Callable[..., None]) -> Iterator[None]:
    event.listen(session, "before_flush", write)
    try:
        yield
        session.flush()
    finally:
        event.remove(session, "before_flush", write)


def _write(session: Session, *_: Any) -> None:
    _write_new(session)
    _write_changes(session)


def _write_new(session: Session) -> None:
    """Insert what SQLAlchemy would, and let the session take it for rows that it has read."""
    new: dict[type, list[Any]] = defaultdict(list)
    for row in session.new:
        if _filled_in(_model_of(row)) <= vars(row).keys():
            new[_model_of(row)].append(row)
    rows = [row for alike in new.values() for row in alike]
    for row in rows:
        session.expunge(row)
    insert_together(session, *(Part(_table(model), [_said(row) for row in alike]) for model, alike in new.items()))
    for row in rows:
        make_transient_to_detached(row)
    session.add_all(rows)


def _said(row: Any) -> dict[str, Any]:
    """Every column of a new row; what nobody said is null, also to whoever reads the row hereafter."""
    said = vars(row)
    for name in _columns(_model_of(row)):
        if name not in said:
            set_committed_value(row, name, None)
    return {name: said[name] for name in _columns(_model_of(row))}


def _write_changes(session: Session, *_: Any) -> None:
    """Write what SQLAlchemy would write row by row, so that it finds nothing more to do."""
    alike: dict[tuple[type, frozenset[str]], list[Any]] = defaultdict(list)
    for row in session.dirty:
        if changed := _columns(_model_of(row)) - inspect(row).unmodified:
            alike[_model_of(row), frozenset(changed)].append(row)
    for (model, names), rows in alike.items():
        table = _table(model)
        columns = sorted(names | {column.name for column in table.primary_key})
        written = [{name: getattr(row, name) for name in columns} for row in rows]
        update_rows(session, table, written)
        for row in rows:
            for name in names:
                set_committed_value(row, name, getattr(row, name))


def _model_of(row: Any) -> Any:
    return type(row)


def _table(model: type) -> Any:
    return inspect(model).local_table


@cache
def _columns(model: type) -> frozenset[str]:
    return frozenset(inspect(model).column_attrs.keys())


@cache
def _filled_in(model: type) -> frozenset[str]:
    """The columns that are filled in where nobody says anything, and those of the key."""
    columns = _table(model).c
    return frozenset(c.name for c in columns if c.primary_key or c.server_default is not None or c.default is not None)

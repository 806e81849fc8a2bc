"""Many rows in one statement and one parameter, which PostgreSQL unpacks itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Insert, Table, Update, bindparam, column, func, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.sql.selectable import TableValuedAlias


def insert_rows(session: Any, table: Table, rows: Sequence[dict[str, Any]], *, unless: str | None = None) -> int:
    """Insert the rows and count them; each has a value for every column.

    With `unless`, the name of a unique index of the table, rows that would break it are left out. For a thousand rows
    this takes half the time and a third of the CPU of bound values.
    """
    if not rows:
        return 0
    return session.execute(_inserting(table, unless), {"given": [_plain(row) for row in rows]}).rowcount


def update_rows(session: Any, table: Table, rows: Sequence[dict[str, Any]]) -> int:
    """Set the given columns, the same ones in every row, where the primary key is the row's."""
    if not rows:
        return 0
    return session.execute(_updating(table, tuple(rows[0])), {"given": [_plain(row) for row in rows]}).rowcount


def rows_of(table: Table, names: Sequence[str] | None = None) -> TableValuedAlias:
    """The bound parameter `given`, a list of plain dicts, as a table with these columns of `table`, or all."""
    columns = [column(c.name, c.type) for c in table.c if names is None or c.name in names]
    given = func.jsonb_to_recordset(bindparam("given", type_=JSONB)).table_valued(*columns)
    return given.render_derived(name="given", with_types=True)


@cache
def _inserting(table: Table, unless: str | None) -> Insert:
    given = rows_of(table)
    statement = insert(table).from_select([c.name for c in table.c], select(*given.c))
    if unless is None:
        return statement
    index = next(index for index in table.indexes if index.name == unless)
    where = index.dialect_options["postgresql"]["where"]
    return statement.on_conflict_do_nothing(index_elements=list(index.columns), index_where=where)


@cache
def _updating(table: Table, names: tuple[str, ...]) -> Update:
    given = rows_of(table, names)
    keys = {c.name for c in table.primary_key}
    return (
        update(table)
        .where(*(table.c[name] == given.c[name] for name in keys))
        .values({name: given.c[name] for name in names if name not in keys})
    )


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in row.items()
        if value is not None
    }

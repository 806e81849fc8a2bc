"""Many rows, of one table or several, in one statement and one parameter a table, which PostgreSQL unpacks itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Select,
    Table,
    Text,
    Update,
    Uuid,
    any_,
    bindparam,
    cast,
    column,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, Insert, insert
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.sql.selectable import TableValuedAlias


def insert_rows(session: Any, table: Table, rows: Sequence[dict[str, Any]], *, unless: str | None = None) -> int:
    """Insert the rows and count them; each has a value for every column.

    With `unless`, the name of a unique index of the table, rows that would break it are left out. For a thousand rows
    this takes half the time and a third of the CPU of bound values.
    """
    if not rows:
        return 0
    return session.execute(_inserting(table, unless), plain_rows(rows)).rowcount


def insert_new(session: Any, table: Table, rows: Sequence[dict[str, Any]]) -> set[Any]:
    """Insert those of the rows whose id, the one column of the primary key, is not there; tell these ids."""
    if not rows:
        return set()
    return set(session.scalars(_inserting_new(table), plain_rows(rows)))


def upserting(table: Table, where: Callable[[Any, Any], ColumnElement[bool]] | None = None) -> Insert:
    """A statement that writes `plain_rows`, each over the one with its primary key, or over none.

    `where(there, coming)`, of the columns of both, says over which; a statement is made once, where it is named.
    """
    new = _inserting(table, None)
    keys = [c.name for c in table.primary_key]
    set_ = {c.name: new.excluded[c.name] for c in table.c if c.name not in keys}
    over = where(table.c, new.excluded) if where else None
    return new.on_conflict_do_update(index_elements=keys, set_=set_, where=over)


def plain_rows(rows: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The rows as the parameter of a statement that unpacks them."""
    return {"given": [_plain(row) for row in rows]}


def set_on(row: Any, wanted: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Set on a row what is otherwise, and answer that by name as `{"before": …, "after": …}` in plain values."""
    changes = {}
    for name, value in wanted.items():
        before = getattr(row, name)
        if before != value:
            setattr(row, name, value)
            changes[name] = {"before": None, "after": None} | _plain({"before": before, "after": value})
    return changes


LONGEST_TOLD = 2000
"""Of a text longer than this a change tells how it begins: the whole stands in its version."""


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What is otherwise, by name, as `{"before": …, "after": …}`; a long text is told in its beginning."""
    return {
        name: {"before": _begun(before[name]), "after": _begun(value)}
        for name, value in after.items()
        if before[name] != value
    }


def _begun(value: Any) -> Any:
    long = isinstance(value, str) and len(value) > LONGEST_TOLD
    return f"{value[:LONGEST_TOLD]}…" if long else value


class Part(NamedTuple):
    """Rows of one table among several; `unless` as in `insert_rows`."""

    table: Table
    rows: Sequence[dict[str, Any]]
    unless: str | None = None


def insert_together(session: Any, *parts: Part) -> bool:
    """Insert the rows of several tables in one statement; false when some were left out, whichever."""
    filled = [part for part in parts if part.rows]
    if not filled:
        return True
    statement = _inserting_together(tuple((part.table, part.unless) for part in filled))
    given = {f"given{n}": [_plain(row) for row in part.rows] for n, part in enumerate(filled)}
    return list(session.execute(statement, given).one()) == [len(part.rows) for part in filled]


def update_rows(session: Any, table: Table, rows: Sequence[dict[str, Any]]) -> int:
    """Set the given columns, the same ones in every row, where the primary key is the row's."""
    if not rows:
        return 0
    return session.execute(_updating(table, tuple(rows[0])), plain_rows(rows)).rowcount


def array_of(ids: Iterable[str]) -> str:
    """Ids as one parameter, to be cast to `uuid[]`: a list costs the client as much a member as a row does."""
    return f"{{{','.join(ids)}}}"


def one_of(key: Any, ids: Iterable[str]) -> ColumnElement[bool]:
    """Whether the key is one of the ids: one parameter, and one statement, however many they are."""
    matches: ColumnElement[bool] = key == any_(cast(literal(array_of(ids), Text), ARRAY(Uuid(as_uuid=False))))
    return matches


def texts_of(ids: Select[Any]) -> Any:
    """What is selected, in its order, as one array of texts: so the driver reads many ids in a fifth of the time."""
    return cast(func.array(ids.scalar_subquery(), type_=ARRAY(Uuid(as_uuid=False))), ARRAY(Text))


def moments_of(at: Mapping[str, dt.datetime]) -> Any:
    """Moments by id as a table of `contact_id` and `at`: one parameter however many."""
    given = literal({key: moment.isoformat() for key, moment in at.items()}, JSONB)
    pairs = func.jsonb_each_text(given).table_valued(column("key", Text), column("value", Text)).render_derived()
    moment = cast(pairs.c.value, DateTime(timezone=True))
    return select(cast(pairs.c.key, Uuid(as_uuid=False)).label("contact_id"), moment.label("at")).subquery("moments")


def rows_of(table: Table, names: Sequence[str] | None = None, parameter: str = "given") -> TableValuedAlias:
    """The bound parameter, a list of plain dicts, as a table with these columns of `table`, or all."""
    columns = [column(c.name, c.type) for c in table.c if names is None or c.name in names]
    given = func.jsonb_to_recordset(bindparam(parameter, type_=JSONB)).table_valued(*columns)
    return given.render_derived(name=parameter, with_types=True)


@cache
def _inserting_together(parts: tuple[tuple[Table, str | None], ...]) -> Select[Any]:
    kept = [
        _inserting(table, unless, f"given{n}").returning(literal(1)).cte(f"kept{n}")
        for n, (table, unless) in enumerate(parts)
    ]
    return select(*[select(func.count()).select_from(each).scalar_subquery() for each in kept])


@cache
def _inserting(table: Table, unless: str | None, parameter: str = "given") -> Insert:
    given = rows_of(table, parameter=parameter)
    statement = insert(table).from_select([c.name for c in table.c], select(*given.c))
    if unless is None:
        return statement
    index = next(index for index in table.indexes if index.name == unless)
    where = index.dialect_options["postgresql"]["where"]
    return statement.on_conflict_do_nothing(index_elements=list(index.columns), index_where=where)


@cache
def _inserting_new(table: Table) -> ReturningInsert[Any]:
    (key,) = table.primary_key
    return _inserting(table, None).on_conflict_do_nothing(index_elements=[key]).returning(key)


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
    return {name: _told(value) for name, value in row.items() if value is not None}


def _told(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value

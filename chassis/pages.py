"""Pages of a list by keyset: the next page begins after the last row seen, so any depth costs the same."""

from __future__ import annotations

import base64
import datetime as dt
import json
import zlib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_, union_all
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import desc_op

from chassis.database import is_given_up
from contracts.errors import Invalid

_INT8 = 2**63
AT_A_GLANCE = 0.05
"""Seconds that PostgreSQL has for the way that it thinks best, where another is known that is never very bad."""


def page_of(work: Any, statement: Select[Any], keys: Sequence[Any], request: Any) -> dict[str, Any]:
    """Answer `{"items": rows, "next": cursor or None}`: `request.limit` rows after `request.cursor`.

    `keys` are the columns to order by (`column` or `column.desc()`); together they are unique and none is ever null.
    A statement of one thing answers such things, any other its rows. A cursor that this list has not given is refused
    as Invalid.
    """
    return _turned(work, _wanted(statement, keys, request), keys, request)


def page_found(
    work: Any,
    found: Select[Any],
    key: Any,
    shown: Select[Any],
    keys: Sequence[Any],
    request: Any,
    *,
    gathered: bool = False,
) -> dict[str, Any]:
    """Answer a page as `page_of` does: of `found`, which is of ids alone, with what is `shown` where `key` is the id.

    Where it costs more to show a row than to find it, PostgreSQL takes all ways of finding it for equally dear. Those
    who are `gathered` are all found first and put in order after that, and not looked for along an index of the order.
    """
    page = _wanted(found, keys, request, gathered=gathered).subquery("page")
    places = [page.c[f"key_{n}"] for n in range(len(keys))]
    order = [place.desc() if _descends(key) else place for place, key in zip(places, keys, strict=True)]
    statement = shown.join(page, page.c[0] == key).add_columns(*places).order_by(*order)
    return _turned(work, statement, keys, request)


def _wanted(statement: Select[Any], keys: Sequence[Any], request: Any, *, gathered: bool = False) -> Select[Any]:
    """The page and one row more, each with its keys."""
    if request.cursor:
        statement = statement.where(_beyond(keys, read_cursor(request.cursor, keys), at_once=not gathered))
    columns = (_column(key).label(f"key_{n}") for n, key in enumerate(keys))
    order = [_in_no_index(keys[0]), *keys[1:]] if gathered else keys
    return statement.order_by(*order).limit(request.limit + 1).add_columns(*columns)


def _turned(work: Any, statement: Select[Any], keys: Sequence[Any], request: Any) -> dict[str, Any]:
    rows = work.session.execute(statement).all()
    shown = rows[: request.limit]
    following = cursor_after(keys, shown[-1][-len(keys) :]) if len(rows) > request.limit else None
    single = bool(shown) and len(shown[0]) - len(keys) == 1
    return {"items": [row[0] for row in shown] if single else shown, "next": following}


def page_at_a_glance(work: Any, statement: Select[Any], keys: Sequence[Any], request: Any) -> dict[str, Any] | None:
    """Answer a page as `page_of` does, or None when that takes longer than a glance."""
    try:
        return page_of(work, statement.execution_options(seconds=AT_A_GLANCE), keys, request)
    except DBAPIError as error:
        if not is_given_up(error):
            raise
    return None


def merged_page_of(work: Any, statements: Sequence[Select[Any]], keys: Sequence[Any], request: Any) -> dict[str, Any]:
    """Answer a page of several lists in one order, as rows; of each is read only what the page may have to show.

    A union that is sorted as a whole may be read as a whole, which a deep list cannot afford.
    """
    if request.cursor:
        beyond = _beyond(keys, read_cursor(request.cursor, keys))
        statements = [statement.where(beyond) for statement in statements]
    parts = [statement.order_by(*keys).limit(request.limit + 1).subquery() for statement in statements]
    merged = union_all(*(select(part) for part in parts)).subquery()
    places = [merged.c[_column(key).name] for key in keys]
    order = [place.desc() if _descends(key) else place for place, key in zip(places, keys, strict=True)]
    rows = work.session.execute(select(merged).order_by(*order).limit(request.limit + 1)).all()
    shown = rows[: request.limit]
    last = [getattr(shown[-1], _column(key).name) for key in keys] if len(rows) > request.limit else None
    return {"items": shown, "next": cursor_after(keys, last) if last else None}


def by_hash(exists: ColumnElement[bool]) -> ColumnElement[bool]:
    """Say an EXISTS once to be joined with, and once in a way that cannot be joined: that is looked up in a hash.

    On its way down a list PostgreSQL asks an index for each row that it passes, which is good where it passes few.
    Where those who are meant stand far down together, a hash of them passes all others in a tenth of the time.
    """
    return and_(exists, exists.is_(True))


def narrowed(statement: Select[Any], request: Any, *columns: Any) -> Select[Any]:
    """Keep the rows that have in these columns what the request names by the same words; what it leaves out is open."""
    return statement.where(*(column == request[column.key] for column in columns if column.key in request))


def keys_for(sort: str, **orders: Sequence[Any]) -> list[Any]:
    """The keys of the order that was asked for: one of these, or turned round for a minus, and for `newest`."""
    if sort in orders:
        return list(orders[sort])
    return [key.desc() for key in orders["oldest" if sort == "newest" else sort.removeprefix("-")]]


def _column(key: ColumnElement[Any]) -> ColumnElement[Any]:
    return key.element if isinstance(key, UnaryExpression) else key


def _in_no_index(key: ColumnElement[Any]) -> ColumnElement[Any]:
    """The same order, said as no index has it."""
    same = func.coalesce(_column(key), _column(key))
    return same.desc() if _descends(key) else same


def _descends(key: ColumnElement[Any]) -> bool:
    return isinstance(key, UnaryExpression) and key.modifier is desc_op


def _beyond(keys: Sequence[Any], values: list[Any], *, at_once: bool = True) -> ColumnElement[bool]:
    """Compare as one tuple where all keys go the same way, which an index answers; else key by key.

    How many are behind a tuple PostgreSQL estimates by its first value alone, without those who have just that one:
    nobody, where nearly everybody owes nothing. Where no index is wanted, nothing is compared `at_once`.
    """
    columns = [_column(key) for key in keys]
    downwards = {_descends(key) for key in keys}
    if at_once and len(downwards) == 1:
        here, there = tuple_(*columns), tuple_(*values, types=[column.type for column in columns])
        return here < there if downwards.pop() else here > there
    steps = []
    for n, (key, column) in enumerate(zip(keys, columns, strict=True)):
        further = column < values[n] if _descends(key) else column > values[n]
        steps.append(and_(*(columns[i] == values[i] for i in range(n)), further))
    return or_(*steps)


def _order_of(keys: Sequence[Any]) -> int:
    """Fingerprint the order, so that the cursor of another list does not pass for one of this."""
    return zlib.crc32(",".join(str(key) for key in keys).encode())


def cursor_after(keys: Sequence[Any], values: Sequence[Any]) -> str:
    """The cursor of the page that begins behind a row, given the row's values of `keys`."""
    plain = [value if isinstance(value, (str, int)) else str(value) for value in values]
    return base64.urlsafe_b64encode(json.dumps([_order_of(keys), *plain]).encode()).decode().rstrip("=")


def read_cursor(cursor: str, keys: Sequence[Any]) -> list[Any]:
    """The values of `keys` of the row that a page begins behind; a cursor that no list has given is Invalid."""
    try:
        order, *values = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        if order != _order_of(keys):
            raise ValueError(order)
        return [_typed(value, _column(key)) for value, key in zip(values, keys, strict=True)]
    except (ValueError, TypeError, ArithmeticError, RecursionError):
        raise Invalid.field("/cursor", "This is not a cursor of this list.") from None


def _typed(value: Any, column: ColumnElement[Any]) -> Any:
    """Turn back what `cursor_after` wrote; whatever the column could not have held raises ValueError."""
    kind = column.type.python_type
    if kind is int:
        if type(value) is not int or not -_INT8 <= value < _INT8:
            raise ValueError(value)
        return value
    if kind is bool:
        if type(value) is not bool:
            raise ValueError(value)
        return value
    if not isinstance(value, str) or "\0" in value:
        raise ValueError(value)
    value.encode()  # a lone surrogate is no text of ours
    if kind is dt.datetime:
        return dt.datetime.fromisoformat(value)
    if kind is dt.date:
        return dt.date.fromisoformat(value)
    if kind is Decimal:
        return Decimal(value)
    if _is_uuid(column):
        return UUID(value) if kind is UUID else str(UUID(value))
    return value


def _is_uuid(column: ColumnElement[Any]) -> bool:
    return column.type.__visit_name__ in ("uuid", "UUID")

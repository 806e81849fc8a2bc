"""The service's database: engines with time limits, and which failures are worth another try."""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import QueuePool

from chassis.transacting import Beginning, Transacting
from chassis.wire import dumps, loads

_LIMITS = (
    "-c statement_timeout=60s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s -c timezone=UTC"
    # A session whose process vanished with its machine ends within half a minute, and its locks with it; else the
    # relay's would be held for two hours, and nothing be told.
    " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
)
_GONE = {"57P01", "57P02", "57P03", "08000", "08003", "08006", "08001", "53300"}
_AGAIN = {"40001", "40P01"}
_HELD_UP = "55P03"
_GIVEN_UP = "57014"
TROUBLE = (DBAPIError, sa.exc.TimeoutError)
"""What the server raises, and what our own pool does when all of its connections wait for the server."""


def engine_for(url: str, *, pool: int, name: str, waited: Any = None) -> sa.Engine:
    """Make an engine whose statements end within a minute and that shows `name` in pg_stat_activity.

    `waited` is a histogram that observes how long each wait for a connection was.
    """
    engine = sa.create_engine(
        url,
        poolclass=QueuePool if waited is None else _timed(waited),
        pool_size=pool,
        max_overflow=4,
        pool_timeout=5,
        pool_use_lifo=True,
        json_serializer=dumps,
        json_deserializer=loads,
        hide_parameters=True,
        connect_args={
            "connect_timeout": 3,
            "options": _LIMITS,
            "application_name": name,
            "keepalives_idle": 10,
            "connection_factory": Transacting,
            "cursor_factory": Beginning,
        },
    )
    engine.dialect.set_isolation_level = _set_alone  # type: ignore[assignment]
    sa.event.listen(engine, "before_cursor_execute", _said_before, retval=True)
    return engine


def _timed(waited: Any) -> type[QueuePool]:
    """A pool whose waits are measured; a class, because a pool makes the next one of its own when it is emptied."""

    class Timed(QueuePool):
        def _do_get(self) -> Any:
            began = time.perf_counter()
            try:
                return super()._do_get()
            finally:
                waited.observe(time.perf_counter() - began)

    return Timed


def _said_before(_c: Any, _cursor: Any, statement: str, parameters: Any, context: Any, _many: bool) -> tuple[str, Any]:
    """A read with the execution option `seconds` is given up after so many, one with `locally` goes by these settings.

    Both are said in the same breath, and to the transaction alone, as a pooler may share the connection out: in
    AUTOCOMMIT they hold for that read, within a transaction for what comes after it too, to the end.
    """
    options = context.execution_options if context is not None else {}
    said = dict(options.get("locally") or {})
    if seconds := options.get("seconds"):
        said["statement_timeout"] = max(1, int(seconds * 1000))
    return "".join(f"SET LOCAL {name}={value};" for name, value in said.items()) + statement, parameters


def _set_alone(connection: Transacting, level: str) -> None:
    """Leave or enter transactions without a word to the server; SQLAlchemy's own way costs a read a round trip more."""
    connection.alone = level == "AUTOCOMMIT"


def declarative_base_of(service: str) -> Any:
    """Make the base class of one service's tables; typed as Any, for mypy takes no class that a function made."""
    return type(f"{service.title()}Base", (DeclarativeBase,), {"metadata": sa.MetaData(), "__abstract__": True})


def is_gone(error: Exception) -> bool:
    """Tell whether the server was lost, restarting or not to be reached: nothing was refused, only not heard."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, TROUBLE)
    code = getattr(error.orig, "pgcode", None)
    return error.connection_invalidated or code in _GONE or (isinstance(error, sa.exc.OperationalError) and not code)


def is_held_up(error: Exception) -> bool:
    """Tell whether somebody else held a row for longer than anybody waits."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "pgcode", None) == _HELD_UP


def is_given_up(error: Exception) -> bool:
    """Tell whether a statement took longer than it was given."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "pgcode", None) == _GIVEN_UP


def is_worth_repeating(error: Exception) -> bool:
    """Tell whether the same transaction may well succeed now: the server was lost, or two of them got in a knot."""
    return is_gone(error) or (isinstance(error, DBAPIError) and getattr(error.orig, "pgcode", None) in _AGAIN)

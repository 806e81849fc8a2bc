"""How PostgreSQL reads the pages of a list, when it sorts only what no index brings in order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from contracts.catalogue import all_rpcs
from contracts.language import Rpc
from tests.builders.works import Clockwork

Explain = Callable[[Rpc, dict[str, Any]], list[str]]
"""The plans of the statements that read pages for what is asked of a list."""
_IN_TIME = r"\ASET LOCAL statement_timeout=\d+;"


def lists_of(*services: str) -> list[Rpc]:
    """Every question of these services that is answered in pages."""
    return [rpc for rpc in all_rpcs() if rpc.service in services and {"items", "next"} <= set(rpc.gives().fields)]


def orders_of(rpc: Rpc) -> list[str]:
    """The orders that a list offers; none where it has but one."""
    sort = rpc.takes().fields.get("sort")
    return list(sort.validators[0].choices) if sort else []  # type: ignore[attr-defined]


@contextmanager
def explaining(clockwork: Clockwork, service: type) -> Iterator[Explain]:
    """`explain(rpc, asked)`: the plans, made as if all tables were too long to be sorted or read through."""
    statements: list[tuple[str, Any]] = []

    def remember(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if " LIMIT " in statement and not statement.startswith("EXPLAIN"):
            statements.append((re.sub(_IN_TIME, "", statement), parameters))

    def explain(rpc: Rpc, asked: dict[str, Any]) -> list[str]:
        statements.clear()
        [door] = getattr(service, rpc.name).nameko_entrypoints
        with clockwork.reading() as work:
            door.action(work, rpc.takes().load(asked))
        with clockwork.runtime.engine.connect() as connection:
            for setting in ("sort", "incremental_sort", "seqscan", "bitmapscan"):
                connection.exec_driver_sql(f"SET LOCAL enable_{setting} = off")
            return [
                "\n".join(connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars())
                for statement, parameters in statements
            ]

    sa.event.listen(clockwork.runtime.engine, "before_cursor_execute", remember)
    yield explain

"""Waiting until what a write has set going is done."""

from __future__ import annotations

from typing import Any, Self

import sqlalchemy as sa

from chassis.config import settings
from local.processes import wait_for

_TOLD = sa.text("""
    SELECT published = assigned AND NOT EXISTS (SELECT FROM events WHERE position IS NULL) FROM relay
""")
_WITHOUT = sa.text("SELECT (SELECT count(*) FROM contacts) - (SELECT count(*) FROM timeline_entries)")


class _Watched:
    """A question to the database of contacts, asked until the answer is yes."""

    def __enter__(self) -> Self:
        self._engine = sa.create_engine(settings().database_url_of("contacts"), isolation_level="AUTOCOMMIT")
        self.connection = self._engine.connect()
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()
        self._engine.dispose()

    def wait(self, statement: sa.TextClause, **values: Any) -> None:
        if not wait_for(lambda: self.connection.scalar(statement, values), 20, every=0.01):
            raise RuntimeError(f"never true: {statement}")


class Outbox(_Watched):
    """The events of contacts that are still to be told."""

    def told(self) -> None:
        """Wait until the broker has all of them."""
        self.wait(_TOLD)


class Timeline(_Watched):
    """The entries of the contacts that are made from now on."""

    def __enter__(self) -> Self:
        super().__enter__()
        self._before = self.connection.scalar(_WITHOUT)
        return self

    def complete(self) -> None:
        """Wait until each of them has one."""
        self.wait(sa.text(f"SELECT ({_WITHOUT}) = :before"), before=self._before)

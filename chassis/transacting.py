"""Connections to PostgreSQL that begin a transaction in the same breath as its first statement.

psycopg2 sends BEGIN by itself and waits for the answer: a round trip more for every transaction of every service. Here
a connection is in psycopg2's autocommit mode all the time, and says BEGIN and COMMIT itself (decision 0010).
"""

from __future__ import annotations

from typing import Any

from psycopg2 import extensions

_IDLE = extensions.TRANSACTION_STATUS_IDLE


class Transacting(extensions.connection):
    """`alone`: every statement stands for itself, and nothing is begun."""

    alone = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.autocommit = True

    def commit(self) -> None:
        """End the transaction, if one was begun; one that was ended by a statement costs nothing here."""
        if self.get_transaction_status() != _IDLE:
            self._say("COMMIT")

    def rollback(self) -> None:
        """Take the transaction back, if one was begun."""
        if self.get_transaction_status() != _IDLE:
            self._say("ROLLBACK")

    def _say(self, words: str) -> None:
        with self.cursor() as cursor:
            cursor.run(words)


class Beginning(extensions.cursor):
    """Begins a transaction with what it executes, where none has begun."""

    connection: Transacting

    run = extensions.cursor.execute

    def execute(self, query: Any, vars: Any = None) -> None:
        """Execute; of several statements in `query` the last one's rows are there to be fetched."""
        if self.connection.alone or self.connection.get_transaction_status() != _IDLE:
            self.run(query, vars)
        else:
            self.run(f"BEGIN;{query}" if isinstance(query, str) else b"BEGIN;" + query, vars)

    def executemany(self, query: Any, vars_list: Any) -> None:
        """Execute once for each; psycopg2 does it below `execute`, so the transaction is begun beforehand."""
        if not self.connection.alone and self.connection.get_transaction_status() == _IDLE:
            self.run("BEGIN")
        super().executemany(query, vars_list)

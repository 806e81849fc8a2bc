"""What the sessions of a service ask of PostgreSQL, and what is made of it when there are none left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import sqlalchemy as sa

from chassis.database import TROUBLE, engine_for, is_worth_repeating
from chassis.telemetry import described


@pytest.fixture
def engine(database) -> Iterator[sa.Engine]:
    """As a service makes it, with five connections at most."""
    made = engine_for(database("billing").url.render_as_string(hide_password=False), pool=1, name="tests")
    yield made
    made.dispose()


def test_the_locks_of_a_vanished_machine_are_soon_free(engine):
    with engine.connect() as connection:
        idle, interval, count = (
            int(connection.exec_driver_sql(f"SHOW tcp_keepalives_{name}").scalar_one())
            for name in ("idle", "interval", "count")
        )
    assert 0 < idle + interval * count <= 30


def test_when_all_connections_are_taken_it_is_worth_trying_again(engine):
    with ExitStack() as taken:
        for _ in range(5):
            taken.enter_context(engine.connect())
        with pytest.raises(TROUBLE) as trouble:
            engine.connect()
    assert is_worth_repeating(trouble.value)


@pytest.mark.requirement("O03")
@pytest.mark.parametrize("value", ["nonsense of ada@example.org", "'; DROP"])
def test_what_postgresql_says_of_a_statement_names_none_of_its_values(engine, value):
    asked = sa.text("SELECT 1 FROM events WHERE request_id = :who AND id = :which")
    with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError) as trouble:
        connection.execute(asked, {"who": "Ada Lovelace", "which": value})
    told = described(trouble.value)
    assert "invalid input syntax for type uuid" in told
    assert "Ada" not in told
    assert value not in told


@pytest.fixture
def words(engine) -> Iterator[sa.Connection]:
    """A connection with an empty table of words."""
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TEMP TABLE words (word text UNIQUE)")
        connection.commit()
        yield connection


def kept(connection: sa.Connection) -> list[str]:
    found = list(connection.scalars(sa.text("SELECT word FROM words ORDER BY word")))
    connection.rollback()
    return found


def test_what_is_not_committed_is_taken_back(words):
    words.exec_driver_sql("INSERT INTO words VALUES ('one')")
    words.rollback()
    words.exec_driver_sql("INSERT INTO words VALUES ('two')")
    words.exec_driver_sql("INSERT INTO words VALUES ('three')")
    words.commit()
    assert kept(words) == ["three", "two"]


def test_many_rows_are_one_transaction(words):
    words.execute(sa.text("INSERT INTO words VALUES (:word)"), [{"word": "one"}, {"word": "two"}])
    words.rollback()
    assert kept(words) == []


def test_a_transaction_that_failed_is_taken_back_whole_and_the_next_one_begins(words):
    words.exec_driver_sql("INSERT INTO words VALUES ('one')")
    with pytest.raises(sa.exc.IntegrityError):
        words.exec_driver_sql("INSERT INTO words VALUES ('two'); INSERT INTO words VALUES ('one'); COMMIT")
    words.rollback()
    assert kept(words) == []
    words.exec_driver_sql("INSERT INTO words VALUES ('three'); COMMIT")
    words.rollback()
    assert kept(words) == ["three"]


def test_a_session_that_reads_begins_nothing(engine):
    state = sa.text("SELECT state FROM pg_stat_activity WHERE pid = :pid")
    with engine.connect() as watcher, engine.execution_options(isolation_level="AUTOCOMMIT").connect() as reader:
        pid = reader.scalar(sa.text("SELECT pg_backend_pid()"))
        assert watcher.scalar(state, {"pid": pid}) == "idle"
    with engine.connect() as watcher, engine.connect() as writer:
        pid = writer.scalar(sa.text("SELECT pg_backend_pid()"))
        assert watcher.scalar(state, {"pid": pid}) == "idle in transaction"


@pytest.mark.requirement("O02")
def test_what_a_statement_is_read_by_holds_for_it_alone(engine):
    threshold = sa.text("SELECT current_setting('rapport.threshold', true)")
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as reader:
        assert reader.scalar(threshold, execution_options={"locally": {"rapport.threshold": 0.45}}) == "0.45"
        assert not reader.scalar(threshold)

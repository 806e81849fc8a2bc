"""The database drops everybody, restarts, or is killed: no process leaves, nothing answered is lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from local.postgres import PostgreSQL
from tests.faults.journal import HASTE, Journal
from tests.faults.probe.house import ProbeHouse
from tests.house.keeper import Servers

pytestmark = pytest.mark.requirement("O04")
BACK_SECONDS = 10.0 * HASTE


@pytest.fixture(scope="module")
def own_database(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgreSQL]:
    server = PostgreSQL(tmp_path_factory.mktemp("database"), settings={"fsync": "on"})
    server.prepare()
    server.start()
    server.wait()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def lonely(servers: Servers, own_database: PostgreSQL) -> Iterator[ProbeHouse]:
    """A house with the probe whose database server is its own."""
    house = ProbeHouse(servers, database_server=own_database)
    try:
        yield house.open()
    finally:
        house.close()


def drop_everybody(server: PostgreSQL) -> None:
    with server.connect() as connection, connection.cursor() as cursor:
        for _ in range(5):
            cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
            time.sleep(0.2)


def restart(server: PostgreSQL) -> None:
    server.stop()
    server.start_again()


def kill(server: PostgreSQL) -> None:
    server.kill()
    server.start_again()


@pytest.mark.parametrize("hurt", [drop_everybody, restart, kill])
def test_the_database_goes_and_comes_back(
    lonely: ProbeHouse, own_database: PostgreSQL, times: int, hurt: Callable[[PostgreSQL], None]
) -> None:
    journal = Journal(lonely)
    pid = lonely.process("probe").pid
    for n in range(times):
        with journal.writers():
            hurt(own_database)
            began = time.monotonic()
            journal.write(f"first after {hurt.__name__} {n}")
            assert time.monotonic() - began < BACK_SECONDS
    lonely.forget_connections()
    journal.check(30)
    assert lonely.process("probe").pid == pid
    assert lonely.process("probe").alive()

"""Requests go through PgBouncer by transaction, as in Kubernetes: all works, and nothing is left in a session."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import pytest

from chassis.ids import new_id
from local import SERVICES
from local.postgres import PostgreSQL
from local.servers import Server
from tests.builders.people import a_person
from tests.builders.sessions import soon
from tests.faults.house_journal import HouseJournal
from tests.faults.pooler import PooledHouse, Pooler
from tests.house.keeper import Servers
from tests.house.mailbox import Mailbox
from tests.house.web import Api
from tests.system.journey import Journey, got

BACK_SECONDS = 10.0
CROWD, PLACES = 100, 40
pytestmark = [
    pytest.mark.requirement("O02", "O04"),
    pytest.mark.skipif("FAULTS_TIMES" not in os.environ, reason="PgBouncer of the machine: ./rapport soak pooler"),
]


@pytest.fixture(scope="module")
def house(servers: Servers, mailbox: Mailbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PooledHouse]:
    with ExitStack() as stack:
        server = PostgreSQL(tmp_path_factory.mktemp("database"), settings={"fsync": "on"})
        pooler = Pooler(tmp_path_factory.mktemp("pooler"), server)
        stack.callback(server.kill)
        stack.callback(pooler.kill)
        server.prepare()
        server.start_again()
        pooler.make_roles()
        pooler.start_again()
        living = PooledHouse(servers, pooler, settings={"RAPPORT_SMTP_URL": mailbox.url})
        yield stack.enter_context(closing(living)).open()


def test_whoever_dies_between_a_service_and_its_rows_nothing_is_lost(house: PooledHouse, times: int) -> None:
    journal = HouseJournal(house)
    journal.sell(new_id())
    for _ in range(times):
        with journal.sellers():
            for server in (house.pooler, house.pooler.behind):
                die(server)
                began = time.monotonic()
                journal.sell(new_id())
                assert time.monotonic() - began < BACK_SECONDS, type(server).__name__
    house.forget_connections()
    journal.check()


def die(server: Server) -> None:
    server.kill()
    server.start_again()


def test_the_journey_goes_through_it(house: PooledHouse, mailbox: Mailbox) -> None:
    """And whoever looks for somebody, which is what PostgreSQL is told to be tolerant and quick for."""
    api = house.api()
    Journey(api, house, mailbox).travel()
    for typed in ("astrom", "Astrrom", "79460018"):
        assert got(api.get("/contacts", params={"q": typed}))["items"], typed
    assert all(house.pooler.sessions(f"rapport_{service}") for service in SERVICES)


def test_a_hundred_book_at_once(house: PooledHouse) -> None:
    api = house.api()
    planned = {"kind": "class", "title": "Yoga", "starts_at": soon(hours=3), "ends_at": soon(hours=4)}
    session = got(api.post("/scheduled-sessions", json=planned | {"capacity": PLACES}), 201)["id"]
    crowd = [got(api.post("/contacts", json=a_person(enter_as="customer")), 201)["id"] for _ in range(CROWD)]
    token = api.session.headers["Authorization"]

    def book(contact: str) -> str:
        client = Api(api.url)
        client.session.headers["Authorization"] = token
        wanted = {"session_id": session, "contact_id": contact}
        while (answer := client.post("/bookings", json=wanted, key=contact)).status_code == 503:
            time.sleep(float(answer.headers["Retry-After"]))
        return got(answer, 201)["state"]

    with ThreadPoolExecutor(CROWD) as pool:
        assert Counter(pool.map(book, crowd)) == {"upcoming": PLACES, "waitlisted": CROWD - PLACES}


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_is_left_in_a_session_for_whom_it_is_given_next(house: PooledHouse, service: str) -> None:
    """Hold all sessions of a pool at once, and look at what each has kept."""
    database = f"rapport_{service}"
    seen = {}
    with ExitStack() as stack:
        for _ in range(house.pooler.sessions(database)):
            connection = stack.enter_context(closing(house.pooler.connect(database)))
            cursor = connection.cursor()
            cursor.execute("BEGIN; SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
            cursor.execute(KEPT, (list(OF_THE_POOLER),))
            seen[pid] = [row for row in cursor.fetchall() if row[1] != LIMITS.get(row[0])]
    assert len(seen) > 1
    assert all(kept == [] for kept in seen.values()), seen


OF_THE_POOLER = {"application_name", "client_encoding", "DateStyle", "TimeZone", "standard_conforming_strings"}
"""What PgBouncer itself keeps apart between clients."""
LIMITS = {
    "statement_timeout": "60000", "lock_timeout": "10000", "idle_in_transaction_session_timeout": "60000",
}  # fmt: skip
"""In milliseconds, as the role has them (chassis.database asks for the same where no pooler is between)."""
KEPT = """
    SELECT name, setting FROM pg_settings WHERE source = 'session' AND NOT name = ANY(%s)
    UNION ALL SELECT name, setting FROM pg_settings
        WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout')
    UNION ALL SELECT 'prepared', name FROM pg_prepared_statements
    UNION ALL SELECT 'listens', pg_listening_channels()
    UNION ALL SELECT 'locks', objid::text FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()
    UNION ALL SELECT 'temporary tables', '' WHERE pg_my_temp_schema() <> 0
"""

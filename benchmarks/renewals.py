"""The renewal run beside bare commits of the rows that it leaves; the provider answers at once.

Ten thousand memberships fall due in one night. Beside them one connection writes the same rows, a renewal a commit.
"""

from __future__ import annotations

import itertools
import time
from typing import Any

import psutil
import sqlalchemy as sa

from benchmarks.http import Client
from benchmarks.results import Figure
from benchmarks.stage import Stage
from chassis.config import settings

MEMBERS = 10_000
BARE = 1_000
LIMIT_SECONDS = 600
_COPIED = (
    "renewals", "payments", "invoices", "invoice_lines", "ledger_entries", "subscription_changes", "paid_days",
    "events",
)  # fmt: skip
_MEMBERS = """
WITH made AS (
    SELECT n, uuidv7() AS contact, uuidv7() AS item, uuidv7() AS card, uuidv7() AS subscription
    FROM generate_series(1, :members) AS n
), sold AS (
    SELECT * FROM package_versions WHERE package_id = :package ORDER BY version DESC LIMIT 1
), assigned AS (
    INSERT INTO assignments (id, contact_id, order_id, package_id, package_version, name, kind, quantity, state, since,
        expires_on, renews, assigned_at)
    SELECT item, contact, uuidv7(), package_id, version, name, kind, 1, 'active', today - 30, today - 1, true, now()
    FROM made, sold, (SELECT (now() AT TIME ZONE 'UTC')::date AS today) AS day
), known AS (
    INSERT INTO known_contacts (contact_id, display_name, standing, version, complete)
    SELECT contact, 'Member ' || n, 'active', 1, true FROM made
), kept AS (
    INSERT INTO test_cards (reference, token, customer) SELECT 'card_' || card, 'tok_visa', 'test_' || contact FROM made
), on_file AS (
    INSERT INTO cards (id, contact_id, provider, customer, token, state, brand, last_four, expires, "default", added_by,
        added_at, version)
    SELECT card, contact, 'test', 'test_' || contact, 'card_' || card, 'on_file', 'visa', '4242', '2099-12', true,
        'Olive', now(), 1 FROM made
)
INSERT INTO subscriptions (id, contact_id, assignment_id, package_id, package_version, name, currency, price,
    cycle_unit, cycle_count, state, started_on, anchored_on, cycles, moved_days, expires_on, next_charge_on, renewals,
    version)
SELECT subscription, contact, item, package_id, version, name, currency, price, cycle_unit, cycle_count, 'active',
    today - 30, today, 0, 0, today - 1, today, 0, 1
FROM made, sold, (SELECT (now() AT TIME ZONE 'UTC')::date AS today) AS day
"""
_LEFT = "SELECT count(*) FROM subscriptions WHERE package_id = :package AND renewals = 0"
_OPEN = """
SELECT count(*) FROM renewals JOIN subscriptions ON subscriptions.id = subscription_id
WHERE package_id = :package AND renewals.state <> 'paid'
"""


def make_members(connection: sa.Connection, package_id: str, members: int) -> None:
    """So many contacts with a card on file, whose membership of this package falls due today (UTC)."""
    connection.execute(sa.text(_MEMBERS), {"package": package_id, "members": members})


def unpaid(connection: sa.Connection, package_id: str) -> int:
    """How many of this package are not charged yet, or not paid."""
    of = {"package": package_id}
    return int(connection.scalar(sa.text(f"SELECT ({_LEFT}) + ({_OPEN})"), of) or 0)


def measure(stage: Stage) -> list[Figure]:
    """Let them fall due, wait until all are paid, and write the same rows beside; how the memory of the run grew."""
    assert stage.house.gateway_port is not None
    price = {"amount": 4900, "currency": "EUR"}
    gold = Client(stage.house.gateway_port).ask(
        "POST", "/v1/packages", {"name": "Gold", "kind": "membership", "price": price}
    )  # fmt: skip
    engine = sa.create_engine(settings().database_url_of("billing"))
    runner = psutil.Process(stage.pids["billing-events-jobs"])
    before = runner.memory_full_info().uss
    with engine.begin() as connection:
        make_members(connection, gold["id"], MEMBERS)
    started, sizes = time.perf_counter(), []
    while left := _left(engine, gold["id"]):
        if left < MEMBERS * 0.9:
            sizes.append(runner.memory_full_info().uss)
        if time.perf_counter() - started > LIMIT_SECONDS:
            raise RuntimeError(f"{left} renewals are not paid")
        time.sleep(0.2)
    rate = MEMBERS / (time.perf_counter() - started)
    bare = _bare(engine)
    engine.dispose()
    return [
        Figure("renewals, charged and paid, beside bare commits of their rows", rate / bare, 0.2,
               f"{rate:.0f}/s beside {bare:.0f}/s, {MEMBERS:,} in one night"),
        Figure("memory of the renewal run at its end, beside after the first tenth", sizes[-1] / sizes[0], 1.2,
               f"{_mib(sizes[-1])} beside {_mib(sizes[0])}; before the night {_mib(before)}", at_most=True),
    ]  # fmt: skip


def _mib(size: int) -> str:
    return f"{size / 2**20:.1f} MiB"


def _left(engine: sa.Engine, package_id: str) -> int:
    with engine.connect() as connection:
        return unpaid(connection, package_id)


def _bare(engine: sa.Engine) -> float:
    """The same rows into tables of the same indexes, a renewal a commit, the rows at hand in the server."""
    with engine.begin() as connection:
        for table in _COPIED:
            connection.exec_driver_sql(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING DEFAULTS INCLUDING INDEXES)")
            owner = "subject" if table == "events" else "contact_id"
            connection.exec_driver_sql(f"CREATE TABLE source_{table} AS SELECT * FROM {table}")
            connection.exec_driver_sql(f"CREATE INDEX ON source_{table} ({owner})")
        found = connection.exec_driver_sql(f"SELECT contact_id FROM renewals LIMIT {BARE}").scalars().all()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    insert = "; ".join(_copy(table) for table in _COPIED)
    statement = f"BEGIN; {insert}; UPDATE subscriptions SET version = version WHERE contact_id = %(whom)s; COMMIT"
    raw: Any = engine.raw_connection()
    raw.set_session(autocommit=True)
    cursor = raw.cursor()
    started = time.perf_counter()
    for whom in itertools.islice(found, BARE):
        cursor.execute(statement, {"whom": str(whom)})
    seconds = time.perf_counter() - started
    raw.close()
    return len(found) / seconds


def _copy(table: str) -> str:
    owner = "subject" if table == "events" else "contact_id"
    return f"INSERT INTO bare_{table} SELECT * FROM source_{table} WHERE {owner} = %(whom)s"

"""The books: what it takes to post beside bare commits of the same rows, and to say what somebody owes.

Postings are made by the ledger itself, straight on the database, a transaction each; beside them one connection commits
the same rows into a table of the same columns and indexes. The dues of a contact whose books are long are asked for in
turns with those of one whose books are short: straight, and as part of the account over HTTP.
"""

from __future__ import annotations

import datetime as dt
import statistics
import time
from collections.abc import Callable
from typing import Any

import psycopg2
import sqlalchemy as sa

from benchmarks.http import Client
from benchmarks.measuring import Contestant, race
from benchmarks.results import Figure
from benchmarks.stage import Stage
from benchmarks.straight import Straight
from chassis.config import settings
from chassis.ids import new_id
from chassis.work import Work
from services.billing.invoices.queries import dues_of
from services.billing.ledger import rules as books
from services.billing.ledger.actions import post

SHORT, LONG = 10, 10_000
ENTRIES = 5
"""Of an invoice with tax that was paid: three of the sale, two of the payment."""
ROUNDS = 200
NET, TAX = 4118, 782
_BARE = "CREATE TABLE bare_ledger (LIKE ledger_entries INCLUDING DEFAULTS INCLUDING INDEXES)"
_INSERT = "INSERT INTO bare_ledger VALUES " + ", ".join(["(%s, %s, %s, %s, %s, %s, %s, %s, %s)"] * 3)
_BOOKS = """
WITH made AS (
    SELECT n, uuidv7() AS id, uuidv7() AS cause_id, uuidv7() AS sale, uuidv7() AS payment
    FROM generate_series(1, :paid) AS n
), whose AS (SELECT CAST(:contact AS uuid) AS contact), first AS (
    UPDATE counters SET value = value + :paid + 1 WHERE name = 'invoice' RETURNING value - :paid - 1 AS number
), asked AS (
    INSERT INTO invoices (id, number, contact_id, cause, cause_id, state, currency, net, tax, total, paid, refunded,
        credited, written_off, issued_at, issued_by, version)
    SELECT id, first.number + n, contact, 'order', cause_id, 'paid', 'EUR', :net, :tax, :total, :total, 0, 0, 0, now(),
        'Olive', 1 FROM made, first, whose
    UNION ALL SELECT uuidv7(), first.number + :paid + 1, contact, 'order', uuidv7(), 'open', 'EUR', :net, :tax, :total,
        0, 0, 0, 0, now(), 'Olive', 1 FROM first, whose
)
INSERT INTO ledger_entries (id, transaction_id, contact_id, account, amount, currency, cause, cause_id, posted_at)
SELECT uuidv7(), transaction_id, contact, account, amount, 'EUR', 'order', transaction_id, now()
FROM made, whose, LATERAL (VALUES
    (sale, 'receivable', :total), (sale, 'sales', -:net), (sale, 'tax', -:tax),
    (payment, 'cash', :total), (payment, 'receivable', -:total)) AS side (transaction_id, account, amount)
"""


def measure(stage: Stage) -> list[Figure]:
    """Post, and ask what is owed."""
    straight = Straight(settings().database_url_of("billing"))
    try:
        return [_postings(stage, straight), *_dues(stage, straight)]
    finally:
        straight.engine.dispose()


def _postings(stage: Stage, straight: Straight) -> Figure:
    with straight.engine.begin() as connection:
        connection.exec_driver_sql(_BARE)
    bare = psycopg2.connect(settings().database_url_of("billing").replace("postgresql+psycopg2", "postgresql"))
    bare.autocommit = True
    cursor = bare.cursor()
    pids = [stage.pids["postgresql"]]
    found = race(
        [
            Contestant("ledger", lambda: lambda: _post(straight), pids),
            Contestant("bare", lambda: lambda: cursor.execute(f"BEGIN; {_INSERT}; COMMIT", _values()), pids),
        ],
        callers=1, calls=200, rounds=9,
    )  # fmt: skip
    bare.close()
    ours, floor = found["ledger"], found["bare"]
    remark = f"{ours.rate:.0f}/s beside {floor.rate:.0f}/s"
    return Figure("ledger postings, beside bare commits of their rows", ours.beside(floor), 0.3, remark)


def _post(straight: Straight) -> None:
    with Work(straight) as work:  # type: ignore[arg-type]
        post(work, books.sale(NET, TAX), contact_id=new_id(), currency="EUR", cause="order", cause_id=new_id())


def _values() -> list[Any]:
    """The rows that a posting leaves, as it makes them: every id and the moment here."""
    transaction, contact, cause, now = new_id(), new_id(), new_id(), dt.datetime.now(dt.UTC)
    rows = (
        (new_id(), transaction, contact, account, amount, "EUR", "order", cause, now)
        for account, amount in books.sale(NET, TAX).items()
    )
    return [value for row in rows for value in row]


def _dues(stage: Stage, straight: Straight) -> list[Figure]:
    """Both owe the same: one invoice is open, whatever was paid before."""
    assert stage.house.gateway_port is not None
    client = Client(stage.house.gateway_port)
    short, long = (_somebody(straight, entries) for entries in (SHORT, LONG))
    with straight.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE invoices, ledger_entries")
    owed = [{"amount": NET + TAX, "currency": "EUR"}]

    def look(contact: str) -> None:
        with Work(straight, reading=True) as work:  # type: ignore[arg-type]
            assert dues_of(work, contact) == owed

    def ask(contact: str) -> None:
        assert client.ask("GET", f"/v1/contacts/{contact}/account")["dues"] == owed

    name = f"of a contact with {LONG:,} entries, beside one with {SHORT}"
    return [_longer(f"dues {name}", look, short, long), _longer(f"the account {name}, over HTTP", ask, short, long)]


def _somebody(straight: Straight, entries: int) -> str:
    """A contact with so many entries in the books, all of them paid, and an invoice that is open."""
    contact = new_id()
    values = {"contact": contact, "paid": entries // ENTRIES, "net": NET, "tax": TAX, "total": NET + TAX}
    with straight.engine.begin() as connection:
        connection.execute(sa.text(_BOOKS), values)
    return contact


def _longer(name: str, way: Callable[[str], None], short: str, long: str) -> Figure:
    times = [(_seconds(way, long), _seconds(way, short)) for _ in range(ROUNDS + 20)][20:]  # the first ones warm up
    ratio = statistics.median(mine / other for mine, other in times)
    mine, other = (statistics.median(each) * 1000 for each in zip(*times, strict=True))
    return Figure(name, ratio, 1.2, f"{mine:.2f} ms beside {other:.2f} ms", at_most=True)


def _seconds(way: Callable[[str], None], contact: str) -> float:
    began = time.perf_counter()
    way(contact)
    return time.perf_counter() - began

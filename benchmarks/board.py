"""The board of very many leads beside its bare statements, and a move of a card beside a change of a contact.

What HTTP and RPC take is counted by a read of next to nothing, the stages, and is no part of the board's own time.
"""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import sqlalchemy as sa

from benchmarks.http import Client
from benchmarks.measuring import Contestant, race
from benchmarks.results import Figure
from benchmarks.stage import Stage
from chassis.config import settings
from local.processes import wait_for

MOVERS = 40
ROUNDS = 15
_LEADS = """
WITH made AS (SELECT n, uuidv7() AS id FROM generate_series(1, :leads) AS n),
places AS (SELECT id, row_number() OVER (ORDER BY rank) AS place, count(*) OVER () AS places FROM stages),
known AS (
    INSERT INTO known_contacts (contact_id, display_name, standing, version, complete)
    SELECT id, 'Lead ' || n, 'active', 1, true FROM made
)
INSERT INTO leads (contact_id, stage_id, rank, status, source, location, as_of, value_amount, value_currency,
    entered_at, entered_stage_at, touched_at, version)
SELECT made.id, places.id, n, 'new', 'Source ' || n % 8, 'Place ' || n % 10, '{}', n * 97 % 150000,
    (ARRAY['EUR', 'GBP'])[1 + n % 2], moment, moment, moment, 1
FROM made JOIN places ON places.place = 1 + n % places.places,
    LATERAL (SELECT now() - n % 400 * interval '1 hour' AS moment) AS long_ago
"""
_FIGURES = """
SELECT stage_id, value_currency, count(*), sum(value_amount) FROM leads WHERE stage_id IS NOT NULL
GROUP BY stage_id, value_currency
"""
_CARDS = """
SELECT stages.*, top.*, known_contacts.display_name
FROM stages LEFT JOIN LATERAL (
    SELECT * FROM leads WHERE leads.stage_id = stages.id ORDER BY rank, contact_id LIMIT 21
) AS top ON true LEFT JOIN known_contacts ON known_contacts.contact_id = top.contact_id
ORDER BY stages.rank, stages.id, top.rank, top.contact_id
"""


def measure(stage: Stage) -> list[Figure]:
    """Fill the board, open it again and again, and drag cards; whoever was made up is gone afterwards."""
    assert stage.house.gateway_port is not None
    client = Client(stage.house.gateway_port)
    with _many_leads(stage.crowd):
        return [_opened(client, stage.crowd), _moved(client, list(stage.pids.values()))]


@contextmanager
def _many_leads(leads: int) -> Iterator[None]:
    engine = sa.create_engine(settings().database_url_of("pipeline"))
    try:
        with engine.begin() as connection:
            connection.execute(sa.text(_LEADS), {"leads": leads})
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
        yield
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql("TRUNCATE leads, moves, known_contacts")
        engine.dispose()


def _opened(client: Client, leads: int) -> Figure:
    """The board without the trip there and back, beside its two statements by psycopg2."""
    connection = psycopg2.connect(settings().database_url_of("pipeline").replace("postgresql+psycopg2", "postgresql"))
    connection.autocommit = True
    cursor = connection.cursor()

    def bare() -> None:
        for statement in (_FIGURES, _CARDS):
            cursor.execute(statement)
            cursor.fetchall()

    ways = (lambda: client.ask("GET", "/v1/board"), bare, lambda: client.ask("GET", "/v1/stages?limit=1"))
    times = [[_seconds(way) for way in ways] for _ in range(ROUNDS + 1)][1:]  # the first round warms up
    connection.close()
    ratio = statistics.median((board - trip) / straight for board, straight, trip in times)
    board, straight, trip = (statistics.median(each) * 1000 for each in zip(*times, strict=True))
    remark = f"{board:.1f} ms beside {straight:.1f} ms, a round trip {trip:.1f} ms"
    name = f"the board of {leads:,} leads less a round trip, beside its bare statements"
    return Figure(name, ratio, 2.0, remark, at_most=True)


def _moved(client: Client, pids: list[int]) -> Figure:
    """Cards dragged to and fro, beside as many contacts changed; the same people, one caller."""
    stages = [each["id"] for each in client.ask("GET", "/v1/stages")["items"][:2]]
    people = [_a_lead(client, n) for n in range(MOVERS)]

    def entered() -> bool:
        try:
            return all(client.ask("GET", f"/v1/leads/{id}/moves")["items"] for id in people)
        except RuntimeError:
            return False

    if not wait_for(entered, 30):
        raise RuntimeError("the leads do not enter")
    moves, changes = itertools.count(), itertools.count()

    def move() -> None:
        n = next(moves)
        to = {"stage_id": stages[1 - n // MOVERS % 2]}
        client.ask("POST", f"/v1/leads/{people[n % MOVERS]}/move", to, key=f"move {time.time_ns()}")

    def change() -> None:
        n = next(changes)
        client.ask("PATCH", f"/v1/contacts/{people[n % MOVERS]}", {"preferred_name": f"Zoë {n}"})

    ran = race(
        [Contestant("move", _always(move), pids), Contestant("change", _always(change), pids)],
        callers=1, calls=MOVERS, rounds=ROUNDS,
    )  # fmt: skip
    slower = ran["change"].beside(ran["move"])
    remark = f"{1000 / ran['move'].rate:.1f} ms beside {1000 / ran['change'].rate:.1f} ms"
    return Figure("a move of a card, beside a change of a contact", slower, 1.5, remark, at_most=True)


def _a_lead(client: Client, number: int) -> str:
    assignee = client.ask("GET", "/v1/me")["id"]
    email = {"value": f"mover.{number}.{time.time_ns()}@example.org"}
    person = {"kind": "person", "enter_as": "lead", "first_name": "Zoë", "last_name": f"Mover {number}"}
    made: str = client.ask("POST", "/v1/contacts", person | {"emails": [email], "assigned_to": assignee})["id"]
    return made


def _always(call: Callable[[], Any]) -> Callable[[], Callable[[], Any]]:
    return lambda: call


def _seconds(call: Callable[[], Any]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started

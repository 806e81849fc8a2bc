"""Contacts found by a fragment of what somebody remembers, among ten thousand and ever ten times as many.

Beside the API stands the bare statement that answers the same by psycopg2. What the API takes longer is counted in
round trips of HTTP and RPC: what it takes longer for as many cards that nobody looks for, the newest ones. Then the
thousandth page of each list that may be long, beside its first.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import quote

import psycopg2
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import psycopg2 as dialect

from benchmarks import paging
from benchmarks.crowd import FIRST, SYLLABLES, make_crowd
from benchmarks.http import Client
from benchmarks.results import Figure
from benchmarks.stage import Stage
from chassis.config import settings
from services.contacts.card.queries.reading import CARDS
from services.contacts.finding.queries.fields import contacts as table
from services.contacts.finding.queries.listing import remembered

SMALLEST = 10_000
AT_ONCE = 50_000
LOOKED_FOR = range(417, 10_000, 773)
"""The numbers of contacts of whom fragments are remembered: they are in a crowd of any size."""
PAGE = 50
ROUNDS = 21
"""Many short ones: what disturbs the machine for a second is not to be the median."""
TRIPS = 1.5
READ = """
A round trip is what the API takes longer than the bare statement for as many cards of which none is looked for: so the
figure tells what *searching* adds, and not what it costs to carry fifty cards, which any list costs. Plainly (a round
trip is one GET of one contact) it is what the remark says; a page of many cards is dearer than the bound then, because
fifty cards are fifty times one to read, to write as JSON and to carry, in whatever protocol. The bare statement is
written before it is timed: to write it anew for each search, in Python, takes as long as it does.
"""


def measure(stage: Stage) -> list[Figure]:
    """Let the crowd grow, search at every size, then turn pages; whoever was made up is gone afterwards."""
    engine = sa.create_engine(settings().database_url_of("contacts"))
    figures, seconds = [], {}
    with _gone_afterwards(engine):
        there = 0
        for size in _sizes(stage.crowd):
            _grow(engine, there, size)
            there = size
            found, seconds[size] = _search(_client(stage), engine, size)
            figures += found
        figures += [_growth(kind, seconds) for kind in FRAGMENTS if len(seconds) > 1]
        figures += paging.measure(lambda: _client(stage), engine, there)
    return figures


def _client(stage: Stage) -> Client:
    """Another one wherever it takes minutes to the next question: the gateway does not wait for that long."""
    assert stage.house.gateway_port is not None
    return Client(stage.house.gateway_port)


def _sizes(crowd: int) -> list[int]:
    sizes = [SMALLEST]
    while sizes[-1] < crowd:
        sizes.append(sizes[-1] * 10)
    return sizes


def _grow(engine: sa.Engine, there: int, size: int) -> None:
    for start in range(there, size, AT_ONCE):
        with engine.begin() as connection:
            make_crowd(connection, min(AT_ONCE, size - start), start=start)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


@contextmanager
def _gone_afterwards(engine: sa.Engine) -> Iterator[None]:
    """What comes next finds the house as empty as it was."""
    try:
        yield
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql("TRUNCATE contacts, facts, timeline_entries, segment_members CASCADE")
        engine.dispose()


def _last_name(n: int) -> str:
    """As `benchmarks.crowd` names them."""
    return "".join(SYLLABLES[place % 20] for place in (n * 3, n // 20, n // 400, n // 8000))


def _phone(n: int) -> str:
    return f"{n * 7907 % 1000000007:010}"


FRAGMENTS: dict[str, Callable[[int], str]] = {
    "a name": lambda n: f"{FIRST[n * 7 % 20]} {_last_name(n)[:7]}",
    "a part of a name": lambda n: _last_name(n)[1:9],
    "a part of an e-mail": lambda n: f"{_last_name(n)[7:]}.{n}@exa",
    "phone digits": lambda n: _phone(n)[2:9],
    "three letters": lambda n: _last_name(n)[2:5],
    "two letters": lambda n: _last_name(n)[:2],
}
"""What is typed into the search field, of a contact of the crowd."""


class _Statement(NamedTuple):
    """Written once, before it is timed: whoever asks by hand has it in SQL."""

    text: str
    values: dict[str, Any]


class _Sought(NamedTuple):
    """What is looked for, and how many cards answer it; the statements for these and for as many of the newest."""

    fragment: str
    cards: int
    statement: _Statement
    newest: _Statement


def _search(client: Client, engine: sa.Engine, size: int) -> tuple[list[Figure], dict[str, float]]:
    """The figures, and by kind of fragment the seconds of a search through the API."""
    figures, seconds = [], {}
    known = _ask(client, "limit=1")["items"][0]["id"]
    with _straight(engine) as cursor:
        for kind, fragment_of in FRAGMENTS.items():
            sought = [_sought(cursor, fragment_of(n)) for n in LOOKED_FOR]
            bare, asked, trip, one_card = [], [], [], []
            for _ in range(ROUNDS):
                bare.append(_each(sought, lambda one: _bare(cursor, one.statement)))
                asked.append(_each(sought, lambda one: _ask(client, f"q={quote(one.fragment)}")))
                newest = _each(sought, lambda one: _ask(client, f"limit={one.cards}"))
                trip.append(newest - _each(sought, lambda one: _bare(cursor, one.newest)))
                one_card.append(_each(sought, lambda _: client.ask("GET", f"/v1/contacts/{known}")))
            more, plainly = (
                statistics.median((a - b) / t for a, b, t in zip(asked, bare, trips, strict=True))
                for trips in (trip, one_card)
            )
            seconds[kind] = statistics.median(asked)
            remark = f"{seconds[kind] * 1000:.1f} ms beside {statistics.median(bare) * 1000:.1f} ms; "
            remark += f"{statistics.mean(one.cards for one in sought):.0f} cards; plainly {plainly:.2f}"
            name = f"{kind} among {size:,}, round trips more than the bare statement"
            figures.append(Figure(name, more, TRIPS, remark, at_most=True))
    return figures, seconds


def _growth(kind: str, seconds: dict[int, dict[str, float]]) -> Figure:
    few, many = min(seconds), max(seconds)
    ratio = seconds[many][kind] / seconds[few][kind]
    return Figure(f"{kind} among {many:,} beside {few:,}", ratio, 3.0, at_most=True)


def _each(sought: list[_Sought], search: Callable[[_Sought], object]) -> float:
    """The mean seconds of one."""
    started = time.perf_counter()
    for one in sought:
        search(one)
    return (time.perf_counter() - started) / len(sought)


@contextmanager
def _straight(engine: sa.Engine) -> Iterator[Any]:
    connection = psycopg2.connect(engine.url.set(drivername="postgresql").render_as_string(hide_password=False))
    connection.autocommit = True
    try:
        yield connection.cursor()
    finally:
        connection.close()


def _ask(client: Client, query: str) -> Any:
    return client.ask("GET", f"/v1/contacts?{query}")


def _sought(cursor: Any, fragment: str) -> _Sought:
    statement = _by_hand(fragment)
    cards = len(_bare(cursor, statement)[:PAGE]) or 1
    return _Sought(fragment, cards, statement, _by_hand("", cards))


def _by_hand(fragment: str, limit: int = PAGE) -> _Statement:
    """The first page of cards, as one would ask for them by hand."""
    statement = CARDS.where(table.c.standing == "active", *remembered(fragment))
    compiled = statement.order_by(table.c.id.desc()).limit(limit + 1).compile(dialect=dialect.dialect())
    return _Statement(str(compiled), dict(compiled.params))


def _bare(cursor: Any, statement: _Statement) -> list[Any]:
    cursor.execute(statement.text, statement.values)
    return list(cursor.fetchall())

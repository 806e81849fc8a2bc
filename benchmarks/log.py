"""The event log: from the table to the queue beside bare publishing, and from the queue to an effect beside commits."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from amqp import Channel

from benchmarks import echo
from benchmarks.results import Figure
from chassis import relay, tables, topology, wire
from chassis.broker import Outgoing, Publisher, connect
from chassis.config import settings
from chassis.ids import new_id
from chassis.migrate import create_database, declare_queues
from local.processes import Process, wait_for

QUEUE = "benchmark-subscriber"
LISTENERS = ("hear", "hear_each")
CONFIRMED_TOGETHER = 100


def measure(env: Mapping[str, str], folder: Path, *, events: int = 10_000, rounds: int = 3) -> list[Figure]:
    """Measure both, in rounds that take turns with their floor."""
    engine = _database()
    declare_queues(echo.Echo.name, echo.Echo)
    channel = connect(settings().amqp_uri, heartbeat=0).channel()
    channel.queue_declare(QUEUE, durable=True, auto_delete=False)
    channel.queue_bind(QUEUE, relay.exchange_of("echo"), "words.said")
    published = [(_publish_bare(channel, events), _relay(engine, channel, events)) for _ in range(rounds)]
    channel.queue_delete(QUEUE)
    at_once, singly = [], []
    for _ in range(rounds):
        floor = _commit_singly(engine, events // 4)
        at_once.append((floor, _apply(engine, env, folder, events, by="hear")))
        singly.append((floor, _apply(engine, env, folder, events, by="hear_each")))
    engine.dispose()
    return [
        _figure("Relay, events a second, beside bare amqp", published, 0.3),
        _figure("Inbox, events applied a second, beside single-row commits", at_once, 0.4),
        _figure("Inbox, each applied by a statement of its own, beside single-row commits", singly, 0.4),
    ]


def _figure(name: str, pairs: list[tuple[float, float]], bound: float) -> Figure:
    """The round in the middle, of pairs of the floor's rate and ours."""
    ratios = sorted((ours / floor, ours) for floor, ours in pairs)
    ratio, ours = ratios[len(ratios) // 2]
    return Figure(name, ratio, bound, f"{ours:.0f}/s")


def _database() -> sa.Engine:
    url = settings().database_url_of("echo")
    create_database(url)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        connection.exec_driver_sql("CREATE TABLE heard (id bigserial PRIMARY KEY, words text)")
        tables.metadata.create_all(connection)
        connection.exec_driver_sql("INSERT INTO relay VALUES (1, 0, 0)")
    return engine


WORDS = "how do you do " * 8
_FILL = sa.text("""
    INSERT INTO events (id, type, subject, time, data)
    SELECT gen_random_uuid(), 'words.said', gen_random_uuid(), now(), jsonb_build_object('words', CAST(:words AS text))
    FROM generate_series(1, :count)
""")


def _publish_bare(channel: Channel, count: int) -> float:
    channel.queue_purge(QUEUE)
    publisher = Publisher(settings().amqp_uri)
    message = Outgoing(relay.exchange_of("echo"), "words.said", wire.dumps({"words": WORDS}), {})
    publisher.publish([message])
    started = time.perf_counter()
    for _ in range(count // CONFIRMED_TOGETHER):
        publisher.publish([message] * CONFIRMED_TOGETHER)
    seconds = time.perf_counter() - started
    publisher.close()
    return count / seconds


def _relay(engine: sa.Engine, channel: Channel, count: int) -> float:
    channel.queue_purge(QUEUE)
    for listener in LISTENERS:
        channel.queue_purge(topology.queue_of("echo", listener))
    with engine.begin() as connection:
        connection.execute(_FILL, {"words": WORDS, "count": count})
    ours = relay.Relay("echo", engine, settings().amqp_uri)
    if not ours.lead():
        raise RuntimeError("another relay is at work")
    started, done = time.perf_counter(), 0
    while done < count:
        done += ours.run_once()
    seconds = time.perf_counter() - started
    ours.resign()
    return count / seconds


def _commit_singly(engine: sa.Engine, count: int) -> float:
    raw = engine.raw_connection()
    with closing(raw.cursor()) as cursor:
        started = time.perf_counter()
        for _ in range(count):
            cursor.execute("INSERT INTO heard (words) VALUES (%s)", (WORDS,))
            raw.commit()
        seconds = time.perf_counter() - started
    raw.close()
    return count / seconds


def _apply(engine: sa.Engine, env: Mapping[str, str], folder: Path, count: int, *, by: str) -> float:
    """The listener's queue is full when its process starts; timed from its first effect to its last."""
    with engine.begin() as connection:
        connection.exec_driver_sql("TRUNCATE heard, inbox")
    _fill_listener(by, count)
    command = [sys.executable, "-m", "chassis.run", "benchmarks.echo:Echo", "--role", "events"]
    process = Process("echo-events", command, folder, env=env).start()
    counted = sa.select(sa.func.count()).select_from(tables.inbox)
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if not wait_for(lambda: (connection.scalar(counted) or 0) > 0, 20, every=0.002):
                raise RuntimeError("the listener does not start")
            started, first = time.perf_counter(), connection.scalar(counted) or 0
            if not wait_for(lambda: (connection.scalar(counted) or 0) >= count, 60, every=0.01):
                raise RuntimeError("the listener does not finish")
            return (count - first) / (time.perf_counter() - started)
    finally:
        process.stop()


def _fill_listener(listener: str, count: int) -> None:
    publisher = Publisher(settings().amqp_uri)
    base = {"ce-source": "/rapport/echo", "ce-type": "words.said", "ce-time": "2026-01-01T00:00:00Z"}
    body = wire.dumps({"words": WORDS})
    queue = topology.queue_of("echo", listener)
    for start in range(0, count, 500):
        publisher.publish(
            Outgoing("", queue, body, base | {"ce-id": new_id(), "ce-sequence": str(start + n)}) for n in range(500)
        )
    publisher.close()

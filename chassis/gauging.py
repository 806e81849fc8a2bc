"""What is measured when somebody looks: of this process each time, of database and broker every few seconds at most."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import eventlet
import psycopg2
from amqp.exceptions import NotFound

from chassis import metrics
from chassis.broker import BROKEN, connect, discard
from chassis.topology import parked_queue_of, retry_exchange_of

if TYPE_CHECKING:
    from chassis.service import Runtime

KEPT_SECONDS = 10.0
PATIENCE_SECONDS = 2.0
_WAITING = """
    SELECT (SELECT count(*) FROM events WHERE position IS NULL) + coalesce(assigned - published, 0),
        coalesce(extract(epoch FROM clock_timestamp() - uuid_extract_timestamp(coalesce(
            (SELECT id FROM events WHERE position > relay.published ORDER BY position LIMIT 1),
            (SELECT id FROM events WHERE position IS NULL ORDER BY seq LIMIT 1)
        ))), 0),
        due.jobs, due.since
    FROM (
        SELECT count(*) AS jobs, coalesce(extract(epoch FROM clock_timestamp() - min(due_at)), 0) AS since
        FROM jobs WHERE state IN ('queued', 'running') AND due_at <= now()
    ) AS due LEFT JOIN relay ON true
"""
"""What waits for the broker, how old the oldest of it is, which jobs are due, and since when; all of it by indexes. It
is told though the relay's row be missing: nothing has a position then."""
_RUNS = "SELECT name, extract(epoch FROM last_run) FROM timers"


class Gauges:
    """Sets the gauges of one process. It has a connection of its own: the pool's may all be in use, which is to be
    seen."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._dsn = runtime.settings.database_url_of(runtime.service).replace("+psycopg2", "")
        self._connection: Any = None
        self._asked_at = -math.inf

    def read(self) -> None:
        """Bring all gauges up to date; what cannot be known now is not told at all."""
        self._look_at_the_process()
        if time.monotonic() - self._asked_at >= KEPT_SECONDS:
            self._asked_at = time.monotonic()
            self._ask_the_database()
            self._ask_the_broker()

    def _look_at_the_process(self) -> None:
        runtime, service = self._runtime, self._runtime.service
        for role, consumer in runtime.consumers.items():
            metrics.CONNECTED.labels(service, role).set(consumer.connected)
        if runtime.at_work is not None:
            metrics.BUSY.labels(service).set(runtime.at_work())
            metrics.WORKERS.labels(service).set(runtime.settings.workers)
        pool: Any = runtime.engine.pool
        metrics.POOL.labels(service, "in_use").set(pool.checkedout())
        metrics.POOL.labels(service, "idle").set(pool.checkedin())
        metrics.POOL_MOST.labels(service).set(pool.size() + pool._max_overflow)

    def _ask_the_database(self) -> None:
        service, up = self._runtime.service, metrics.DATABASE_UP.labels(self._runtime.service)
        try:
            with eventlet.Timeout(PATIENCE_SECONDS):
                (events, oldest, due, since), runs = self._told()
        except (psycopg2.Error, eventlet.Timeout):
            self._hang_up()
            up.set(0)
            _forget(metrics.OF_THE_DATABASE)
            return
        up.set(1)
        metrics.OUTBOX.labels(service).set(events)
        metrics.OUTBOX_AGE.labels(service).set(max(0, oldest))
        metrics.JOBS.labels(service).set(due)
        metrics.JOBS_AGE.labels(service).set(max(0, since))
        for timer, last_run in runs:
            if timer in self._runtime.timers:  # a row outlives its timer
                metrics.TIMER.labels(service, timer).set(last_run)
                metrics.TIMER_EVERY.labels(service, timer).set(self._runtime.timers[timer])

    def _told(self) -> tuple[tuple[Any, ...], list[tuple[str, float]]]:
        if self._connection is None:
            name = f"rapport {self._runtime.service} metrics"
            self._connection = psycopg2.connect(self._dsn, connect_timeout=2, application_name=name)
            self._connection.autocommit = True
        with self._connection.cursor() as cursor:
            cursor.execute(_WAITING)
            waiting = cursor.fetchone()
            cursor.execute(_RUNS)
            return waiting, cursor.fetchall()

    def _hang_up(self) -> None:
        """Close the connection: one that is only dropped is open for as long as anything remembers it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _ask_the_broker(self) -> None:
        runtime, service = self._runtime, self._runtime.service
        parked = parked_queue_of(service)
        retries = [retry_exchange_of(service, seconds) for seconds in runtime.settings.retry_delays]
        try:
            with eventlet.Timeout(PATIENCE_SECONDS):
                depths = _depths(runtime.settings.amqp_uri, [parked, f"rpc-{service}", *retries, *runtime.queues])
        except (*BROKEN, eventlet.Timeout):
            _forget(metrics.OF_THE_BROKER)
            return
        _forget(metrics.OF_THE_BROKER)  # a queue may be gone
        for queue, messages in depths.items():
            metrics.QUEUED.labels(service, queue).set(messages)
        metrics.PARKED.labels(service).set(depths.get(parked, 0))


def _depths(uri: str, queues: list[str]) -> dict[str, int]:
    """How many messages wait in each queue; one that is not there is left out."""
    raw, found = connect(uri, heartbeat=0), {}
    try:
        for queue in queues:
            try:
                channel = raw.channel()
                found[queue] = channel.queue_declare(queue, passive=True).message_count
                channel.close()
            except NotFound:
                continue
    finally:
        discard(raw)
    return found


def _forget(gauges: tuple[Any, ...]) -> None:
    for gauge in gauges:
        gauge.clear()

"""From the table to the broker: gives every committed event the next position, and publishes in order.

One relay of all processes works, the one that holds an advisory lock. A position is committed before it is published,
so a crash in between publishes an event twice and numbers none twice; whoever listens knows an event by its id.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from eventlet import sleep
from nameko.extensions import DependencyProvider

from chassis import metrics, telemetry, tracing
from chassis.bell import EVENTS
from chassis.broker import BROKEN, Outgoing, Publisher, connect, discard
from chassis.database import TROUBLE

if TYPE_CHECKING:
    from chassis.service import Runtime

BATCH = 500
LINGER_SECONDS = 0.02
STREAM = 4
"""After an event the next ones gather for so long, and twice as long after so many: the first is told at once, a stream
of them in batches."""
STANDBY_SECONDS = 1
"""So often those who do not lead ask whether they may; the bell tells them nothing."""
LOCK = 7_110_001
_MINE = sa.select(sa.func.pg_try_advisory_lock(LOCK))
_PUBLISHED = """
    BEGIN;
    SET LOCAL synchronous_commit = off;
    UPDATE relay SET published = %(position)s;
    COMMIT
"""
"""Lost in a crash of the database, it is only published again."""
log = telemetry.logger(__name__)

TOLD = "position, id, type, subject, time, CAST(data AS text), CAST(actor AS text), request_id, traceparent"
"""What `as_cloud_event` wants to know of an event of the log."""
_NUMBER = sa.text(f"""
    WITH fresh AS (
        SELECT seq, row_number() OVER (ORDER BY seq) AS nth
        FROM (SELECT seq FROM events WHERE position IS NULL ORDER BY seq LIMIT :batch) AS oldest
    ), counted AS (
        UPDATE relay SET assigned = assigned + (SELECT count(*) FROM fresh) WHERE one = 1 AND EXISTS (SELECT FROM fresh)
        RETURNING assigned - (SELECT count(*) FROM fresh) AS before
    )
    UPDATE events SET position = counted.before + fresh.nth FROM fresh, counted WHERE events.seq = fresh.seq
    RETURNING {TOLD}
""")
_UNPUBLISHED = sa.text(f"""
    SELECT {TOLD} FROM events
    WHERE position > (SELECT published FROM relay WHERE one = 1) ORDER BY position LIMIT :batch
""")


def exchange_of(service: str) -> str:
    """The topic exchange on which a service announces."""
    return f"{service}.events"


def declare_exchange(channel: Any, service: str) -> None:
    """Declare it as nameko does, so that its stock listeners agree."""
    channel.exchange_declare(exchange_of(service), "topic", durable=True, auto_delete=False)


def as_cloud_event(service: str, row: Any) -> Outgoing:
    """Write an event as CloudEvents 1.0, binary mode: attributes in headers of the prefix `ce-`, data in the body.

    Data and actor are JSON already: what PostgreSQL keeps is neither read nor written anew.
    """
    subject = str(row.subject) if row.subject else None
    traceparent = tracing.traces.published(service, row)
    attributes = {
        "specversion": "1.0",
        "id": str(row.id),
        "source": f"/rapport/{service}",
        "type": row.type,
        "subject": subject,
        "time": row.time.isoformat().replace("+00:00", "Z"),
        "dataschema": f"/asyncapi.yaml#/components/schemas/{row.type}",
        "sequence": str(row.position),
        "partitionkey": subject,
        "traceparent": traceparent,
        "requestid": row.request_id,
        "actor": row.actor,
    }
    headers = {f"ce-{name}": value for name, value in attributes.items() if value is not None}
    if traceparent:
        headers["traceparent"] = traceparent  # where instruments of OpenTelemetry look for it
    return Outgoing(exchange_of(service), row.type, row.data, headers, {"message_id": str(row.id)})


class Relay:
    """Numbers and publishes for one service, over one database connection and one of the broker."""

    def __init__(self, service: str, engine: sa.Engine, uri: str) -> None:
        self._service, self._engine, self._uri = service, engine, uri
        self._publisher = Publisher(uri)
        self._connection: sa.Connection | None = None
        self._left_over = True
        self._leading = metrics.of(metrics.LEADING, service)
        self._leading.set(0)

    def lead(self) -> bool:
        """Become the one relay of this database, or say that another is."""
        if self._connection is not None and not self._connection.closed:
            return True
        self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if not self._connection.scalar(_MINE):
            self._connection.close()
            return False
        self._left_over = True  # perhaps: whoever led before may have numbered events and not published them
        self._declare()
        self._leading.set(1)
        return True

    def resign(self) -> None:
        """Let another process lead, and forget broken connections."""
        self._leading.set(0)
        connection, self._connection = self._connection, None
        if connection is not None and not connection.closed:
            connection.invalidate()  # closing the server session is what frees the lock
            connection.close()
        self._publisher.close()

    def run_once(self) -> int:
        """Number and publish up to a batch; how many were published."""
        assert self._connection is not None
        rows = self._next()
        if rows:
            self._publisher.publish(as_cloud_event(self._service, row) for row in rows)
            self._connection.exec_driver_sql(_PUBLISHED, {"position": rows[-1].position})
            metrics.of(metrics.PUBLISHED, self._service).inc(len(rows))
        return len(rows)

    def _next(self) -> Sequence[Any]:
        """The events to publish: those that were left over numbered, and when there are none, those numbered now."""
        assert self._connection is not None
        if self._left_over:
            rows = self._connection.execute(_UNPUBLISHED, {"batch": BATCH}).all()
            self._left_over = len(rows) == BATCH
            if rows:
                return rows
        numbered = self._connection.execute(_NUMBER, {"batch": BATCH})
        return sorted(numbered, key=lambda row: row.position)

    def _declare(self) -> None:
        raw = connect(self._uri)
        try:
            declare_exchange(raw.channel(), self._service)
        finally:
            discard(raw)


class Relaying(DependencyProvider):
    """Runs the relay in processes of the role `events`."""

    _stopping = False
    _thread: Any = None

    def start(self) -> None:
        """Begin to relay."""
        runtime: Runtime = self.container.config["runtime"]
        if "events" in runtime.roles:
            self._thread = self.container.spawn_managed_thread(self._run, identifier="relay")

    def stop(self) -> None:
        """Finish the batch at hand."""
        self._stopping = True
        if self._thread is not None:
            self.container.config["runtime"].ear.wake_all()
            self._thread.wait()

    def _run(self) -> None:
        runtime: Runtime = self.container.config["runtime"]
        relay_ = Relay(runtime.service, runtime.engine, runtime.settings.amqp_uri)
        while not self._stopping:
            try:
                if not relay_.lead():
                    runtime.ear.wait(STANDBY_SECONDS)
                elif (count := relay_.run_once()) == 0:
                    runtime.ear.wait(1, EVENTS)
                elif count < BATCH:
                    sleep(LINGER_SECONDS * (2 if count >= STREAM else 1))
            except (*TROUBLE, *BROKEN) as error:
                log.warning("relay interrupted", error=telemetry.described(error))
                relay_.resign()
                sleep(0.5)
        relay_.resign()

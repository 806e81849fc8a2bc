"""What waits is told when somebody looks, and what cannot be known is not told as it was."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest
from prometheus_client import REGISTRY

from chassis.broker import Outgoing, Publisher, connect, discard
from chassis.database import engine_for
from chassis.gauging import Gauges
from chassis.health import Readiness
from chassis.service import Runtime
from chassis.topology import declare_service, parked_queue_of
from tests.house.keeper import Servers
from tests.house.living import make_virtual_host, manage

pytestmark = pytest.mark.requirement("O03")
LEFT_BEHIND = """
    INSERT INTO events (id, type, time, data) VALUES
        (uuidv7(interval '-100 s'), 'a.b', now(), '{}'), (uuidv7(), 'a.b', now() - interval '1 year', '{}');
    INSERT INTO jobs (id, kind, input, actor, due_at) VALUES
        (uuidv7(), 'a', '{}', '{}', now() - interval '500 s'), (uuidv7(), 'a', '{}', '{}', now() + interval '1 h');
    INSERT INTO timers VALUES ('tidy', now() - interval '50 s'), ('of an older version', now());
"""


@pytest.fixture
def watched(idle_service: Runtime, servers: Servers) -> Iterator[Runtime]:
    """Billing at rest, with a virtual host of its own."""
    name = idle_service.engine.url.database or ""
    make_virtual_host(servers, name)
    idle_service.settings = replace(idle_service.settings, amqp_uri=servers.virtual_host(name))
    idle_service.timers["tidy"] = 600.0
    yield idle_service
    manage(servers, "DELETE", f"vhosts/{name}")


def told(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(f"rapport_{name}", {"service": "billing", **labels})


def test_what_waits_and_since_when_is_told(watched: Runtime) -> None:
    with watched.engine.connect() as connection:
        connection.exec_driver_sql(LEFT_BEHIND + "COMMIT")
    park(watched, 3)
    Gauges(watched).read()
    assert told("database_up") == 1
    assert told("outbox_events") == 2
    assert 100 <= (told("outbox_oldest_seconds") or 0) < 160
    assert told("jobs_due") == 1
    assert 500 <= (told("jobs_oldest_due_seconds") or 0) < 560
    assert told("timer_interval_seconds", timer="tidy") == 600
    assert told("timer_last_run_timestamp_seconds", timer="tidy")
    assert told("timer_last_run_timestamp_seconds", timer="of an older version") is None
    assert told("parked_messages") == told("queue_messages", queue="billing.parked") == 3
    assert told("queue_messages", queue="rpc-billing") is None


def test_the_pool_is_told_while_all_of_it_is_in_use(watched: Runtime) -> None:
    watched.engine = engine_for(watched.settings.database_url_of("billing"), pool=1, name="tests")
    taken = [watched.engine.connect() for _ in range(5)]
    Gauges(watched).read()
    for connection in taken:
        connection.close()
    watched.engine.dispose()
    assert told("database_pool_connections", state="in_use") == told("database_pool_max_connections") == 5
    assert told("database_up") == 1


def test_a_process_whose_pool_is_all_in_use_is_ready_and_one_without_a_database_is_not(watched: Runtime) -> None:
    """To take it away from its work because it has much of it would help nobody."""
    watched.engine = engine_for(watched.settings.database_url_of("billing"), pool=1, name="tests")
    watched.reading_engine = watched.engine
    taken = [watched.engine.connect() for _ in range(5)]
    assert Readiness(watched).missing() == []
    for connection in taken:
        connection.close()
    watched.engine.dispose()
    watched.settings = replace(watched.settings, database_url="postgresql+psycopg2://127.0.0.1:9/x")
    assert Readiness(watched).missing() == ["database"]


def test_what_waits_is_told_though_the_relays_row_is_missing(watched: Runtime) -> None:
    with watched.engine.connect() as connection:
        connection.exec_driver_sql(LEFT_BEHIND + "DELETE FROM relay; COMMIT")
    Gauges(watched).read()
    assert (told("database_up"), told("outbox_events"), told("jobs_due")) == (1, 2, 1)
    assert (told("outbox_oldest_seconds") or 0) >= 100


def test_a_connection_that_failed_is_closed(watched: Runtime) -> None:
    gauges = Gauges(watched)
    gauges.read()
    held = gauges._connection
    with watched.engine.connect() as connection:
        connection.exec_driver_sql("DROP TABLE timers; COMMIT")
    gauges._asked_at = -math.inf
    gauges.read()
    assert told("database_up") == 0
    assert held.closed


@pytest.mark.parametrize(("gone", "figure"), [("amqp_uri", "parked_messages"), ("database_url", "outbox_events")])
def test_what_cannot_be_known_is_not_told_as_it_was(watched: Runtime, gone: str, figure: str) -> None:
    Gauges(watched).read()
    assert told(figure) == 0
    nowhere = {"amqp_uri": "pyamqp://127.0.0.1:9/", "database_url": "postgresql+psycopg2://127.0.0.1:9/x"}
    watched.settings = replace(watched.settings, **{gone: nowhere[gone]})
    Gauges(watched).read()
    assert told(figure) is None
    assert told("database_up") == (0 if gone == "database_url" else 1)


def park(runtime: Runtime, messages: int) -> None:
    raw = connect(runtime.settings.amqp_uri)
    declare_service(raw.channel(), "billing", ())
    discard(raw)
    publisher = Publisher(runtime.settings.amqp_uri)
    publisher.publish([Outgoing("", parked_queue_of("billing"), "{}", {})] * messages)
    publisher.close()

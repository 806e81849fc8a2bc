"""Of all relays of a database one works; the others wait, and cost next to nothing."""

from __future__ import annotations

from chassis.relay import Relay
from chassis.service import Runtime
from tests.house.keeper import Servers


def test_one_leads_and_another_follows_when_it_resigns(idle_service: Runtime, servers: Servers) -> None:
    """Who waits asks on the connection it has: a new one for each question cost more than telling the events."""
    first, second = (Relay("billing", idle_service.engine, servers.amqp_uri) for _ in range(2))
    try:
        assert first.lead()
        assert first.lead()
        assert not second.lead()
        opened = sessions(idle_service)
        assert not any(second.lead() for _ in range(5))
        assert sessions(idle_service) == opened
        second.resign()  # as at the end, though it never led
        first.resign()
        assert second.lead()
        assert not first.lead()
    finally:
        first.resign()
        second.resign()


def sessions(runtime: Runtime) -> list[int]:
    """The server's processes that serve this database's clients, whoever asks included."""
    with runtime.engine.connect() as connection:
        return list(connection.exec_driver_sql(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
            " ORDER BY pid"
        ).scalars())  # fmt: skip

"""A service with a database of its own and nobody at work in it: its parts are used by hand."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from chassis.config import Settings
from chassis.service import Runtime
from tests.house.keeper import Servers
from tests.house.living import clone_databases, drop_databases


@pytest.fixture
def idle_service(servers: Servers) -> Iterator[Runtime]:
    """Billing's runtime, by whose clock one may live."""
    name = f"idle_{os.getpid()}"
    clone_databases(servers, name, ["billing"])
    told = Settings(
        amqp_uri="", database_url=servers.database(name), secret=servers.secret, storage="", public_url="",
        health_port=0, health_host="", log_level="", workers=2, retry_delays=(),
    )  # fmt: skip
    made = Runtime("billing", told, ())
    made.ring = lambda *channels: None  # type: ignore[method-assign]
    yield made
    made.engine.dispose()
    drop_databases(servers, name, ["billing"])

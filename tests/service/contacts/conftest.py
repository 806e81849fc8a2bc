"""What the tests of contacts begin with."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from kombu import Connection, Exchange, Producer

from chassis.ids import new_id
from contracts.language import Event
from tests.house.living import LivingHouse
from tests.service.contacts.importing_files import SAMPLES, imported

_BEYOND = 1_000_000
"""Positions that billing itself does not reach in a test."""


@pytest.fixture
def billing_says(house: LivingHouse) -> Iterator[Callable[..., str]]:
    """`billing_says(package_paid, contact_id, 1, **data)`: an event as billing would tell it at that position.

    With `id=` it is told once more. Answers its id.
    """
    with Connection(house.env["RAPPORT_AMQP_URI"]) as connection:
        exchange = Exchange("billing.events", type="topic", durable=True)
        producer = Producer(connection, exchange, serializer="json")

        def say(event: Event, contact_id: str, position: int, *, id: str | None = None, **data: Any) -> str:
            event_id = id or new_id()
            attributes = {
                "specversion": "1.0",
                "id": event_id,
                "source": "/rapport/billing",
                "type": event.type,
                "subject": contact_id,
                "time": dt.datetime.now(dt.UTC).isoformat(),
                "sequence": str(_BEYOND + position),
            }
            headers = {f"ce-{name}": value for name, value in attributes.items()}
            producer.publish(event.data().dump(data), routing_key=event.type, headers=headers, delivery_mode=2)
            return event_id

        yield say


@pytest.fixture
def eventually() -> Callable[..., Any]:
    """`eventually(look, holds)`: what `look()` answers once it holds, within half a minute."""

    def wait(look: Callable[[], Any], holds: Callable[[Any], bool], seconds: float = 30) -> Any:
        until = time.monotonic() + seconds
        while True:
            seen = look()
            if holds(seen):
                return seen
            assert time.monotonic() < until, f"still {seen}"
            time.sleep(0.05)

    return wait


@pytest.fixture(scope="session")
def google(house: LivingHouse) -> Any:
    """The sample of Google, imported once a worker; the studio's, which has 120 of the same people, comes after it."""
    return imported(house, (SAMPLES / "google-contacts.csv").read_bytes(), name="google-contacts.csv")


@pytest.fixture
def someone():
    """A word that nobody else in the database has in their name or address."""
    return f"q{uuid.uuid4().hex[:12]}"

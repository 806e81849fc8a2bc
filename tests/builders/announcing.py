"""Events as another service's relay would tell them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from kombu import Connection, Exchange, Producer

from chassis.ids import new_id
from contracts.language import Event
from tests.house.living import LivingHouse

BEYOND = 1_000_000
"""Positions that the service itself does not reach in a test."""


@contextmanager
def announcing(house: LivingHouse, service: str) -> Iterator[Callable[..., str]]:
    """`say(package_paid, contact_id, 1, **data)`: an event as the service would tell it at that position.

    With `id=` it is told once more. Answers its id.
    """
    with Connection(house.env["RAPPORT_AMQP_URI"]) as connection:
        exchange = Exchange(f"{service}.events", type="topic", durable=True)
        producer = Producer(connection, exchange, serializer="json")

        def say(event: Event, contact_id: str, position: int, *, id: str | None = None, **data: Any) -> str:
            event_id = id or new_id()
            attributes = {
                "specversion": "1.0",
                "id": event_id,
                "source": f"/rapport/{service}",
                "type": event.type,
                "subject": contact_id,
                "time": dt.datetime.now(dt.UTC).isoformat(),
                "sequence": str(BEYOND + position),
            }
            headers = {f"ce-{name}": value for name, value in attributes.items()}
            producer.publish(event.data().dump(data), routing_key=event.type, headers=headers, delivery_mode=2)
            return event_id

        yield say

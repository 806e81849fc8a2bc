"""Names and declarations of the queues that events travel through; declared before any service starts.

A listener's queue is `<service>.<door>`, so renaming a door is a migration. A delivery that failed waits in the queue
`<service>.retry.<seconds>`, whose messages return to the listener's queue by their routing key when their time is up;
one that failed too often is kept in `<service>.parked`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from chassis.broker import need_exchange
from chassis.relay import declare_exchange, exchange_of
from contracts.language import Event


def queue_of(service: str, door: str) -> str:
    """The queue of one listener."""
    return f"{service}.{door}"


def retry_exchange_of(service: str, seconds: float) -> str:
    """Where a delivery is published that shall come back after so many seconds."""
    return f"{service}.retry.{seconds:g}s"


def parked_queue_of(service: str) -> str:
    """Where deliveries are kept that no retry could help."""
    return f"{service}.parked"


def declare_listener(channel: Any, service: str, door: str, events: Iterable[Event]) -> None:
    """Declare a listener's queue and bind it to every event that it hears."""
    queue = queue_of(service, door)
    channel.queue_declare(queue, durable=True, auto_delete=False)
    events = list(events)
    for source in sorted({event.service for event in events}):
        need_exchange(channel, exchange_of(source))
    for event in events:
        channel.queue_bind(queue, exchange_of(event.service), event.type)


def declare_service(channel: Any, service: str, retry_delays: Sequence[float]) -> None:
    """Declare what a service has once: its exchange, the waiting rooms of its retries, the parking place."""
    declare_exchange(channel, service)
    channel.queue_declare(parked_queue_of(service), durable=True, auto_delete=False)
    for seconds in retry_delays:
        name = retry_exchange_of(service, seconds)
        channel.exchange_declare(name, "fanout", durable=True, auto_delete=False)
        # No dead-letter routing key: the message keeps its own, which is the name of the listener's queue.
        arguments = {"x-message-ttl": int(seconds * 1000), "x-dead-letter-exchange": ""}
        channel.queue_declare(name, durable=True, auto_delete=False, arguments=arguments)
        channel.queue_bind(name, name, "")

"""Where a delivery goes that failed: to wait for its next try, or, when none can help, to be parked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from chassis import telemetry, topology
from chassis.broker import Outgoing
from chassis.consumer import Delivery
from chassis.told import Hopeless

ATTEMPT, LISTENER, ERROR, FIRST = "x-attempt", "x-listener", "x-error", "x-first-failed"


def tries_of(headers: dict[str, Any]) -> int:
    """How often a delivery failed already; what is no count of ours counts nothing."""
    tries = headers.get(ATTEMPT)
    return min(tries, 99) if isinstance(tries, int) and tries > 0 else 0


def next_place(
    delivery: Delivery, error: BaseException, *, service: str, queue: str, delays: Sequence[float]
) -> tuple[Outgoing, bool]:
    """The delivery on its way to the waiting room of its next delay, or to be parked, and whether it is parked."""
    tries = tries_of(delivery.headers)
    headers = {
        **delivery.headers,
        ATTEMPT: tries + 1,
        LISTENER: queue,
        ERROR: telemetry.described(error),
        FIRST: delivery.headers.get(FIRST) or dt.datetime.now(dt.UTC).isoformat(),
    }
    if isinstance(error, Hopeless) or tries >= len(delays):
        return Outgoing("", topology.parked_queue_of(service), delivery.body, headers), True
    return Outgoing(topology.retry_exchange_of(service, delays[tries]), queue, delivery.body, headers), False

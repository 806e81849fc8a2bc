"""An outside subscriber of the events, written with plain kombu as somebody else would."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import dataclass
from typing import Any

from kombu import Connection, Consumer, Exchange, Queue


@dataclass(frozen=True)
class Heard:
    """One event as it came off the wire."""

    id: str
    type: str
    subject: str | None
    source: str
    sequence: int | None
    data: dict[str, Any]
    headers: dict[str, Any]


class Subscriber:
    """Keeps every event of an exchange whose type matches the pattern, in the order of arrival, in `heard`."""

    def __init__(self, uri: str, exchange: str, pattern: str = "#") -> None:
        self.heard: list[Heard] = []
        self._connection = Connection(uri, heartbeat=0)
        channel = self._connection.channel()
        queue = Queue("", Exchange(exchange, type="topic", durable=True), routing_key=pattern, exclusive=True)
        self._consumer = Consumer(channel, queue, callbacks=[self._keep], no_ack=True, accept=["json"])
        self._consumer.consume()

    def _keep(self, body: Any, message: Any) -> None:
        headers = message.headers
        told = {name.removeprefix("ce-"): value for name, value in headers.items() if name.startswith("ce-")}
        data = body if isinstance(body, dict) else json.loads(body)
        sequence = int(told["sequence"]) if "sequence" in told else None
        self.heard.append(
            Heard(told["id"], told["type"], told.get("subject"), told["source"], sequence, data, dict(headers))
        )

    def listen(self, seconds: float) -> None:
        """Take in what arrives during that time."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._take(left)

    def _take(self, seconds: float) -> None:
        try:
            self._connection.drain_events(timeout=max(0.01, seconds))
        except (TimeoutError, socket.timeout):  # noqa: UP041 (kombu raises either)
            return

    def wait_for(self, type: str, *, subject: str | None = None, seconds: float = 30, count: int = 1) -> Heard:
        """Answer with the `count`-th event of that type (and subject), waiting for it at most so long."""
        until = time.monotonic() + seconds
        while True:
            found = self.of(type, subject=subject)
            if len(found) >= count:
                return found[count - 1]
            left = until - time.monotonic()
            if left <= 0:
                heard = ", ".join(f"{event.type}({event.subject})" for event in self.heard) or "nothing"
                raise AssertionError(f"no {type} of {subject or 'anybody'} within {seconds} s; heard {heard}")
            self._take(left)

    def of(self, type: str, *, subject: str | None = None) -> list[Heard]:
        """What was heard of that type (and subject) so far."""
        return [event for event in self.heard if event.type == type and subject in (None, event.subject)]

    def close(self) -> None:
        """Leave; the broker forgets the queue."""
        self._connection.release()

"""Taking messages from queues over one connection, reconnecting for as long as it takes, and leaving cleanly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import amqp
from amqp.exceptions import RecoverableConnectionError

from chassis.broker import BROKEN, connect, discard


class Delivery:
    """A message that arrived; it is settled once, by the channel it came by, if that still stands."""

    __slots__ = ("_channel", "_lock", "_tag", "body", "exchange", "headers", "properties", "redelivered", "routing_key")

    def __init__(self, message: Any, channel: Any, lock: Any) -> None:
        info = message.delivery_info
        self._channel, self._lock, self._tag = channel, lock, info["delivery_tag"]
        self.body: bytes = message.body.encode() if isinstance(message.body, str) else bytes(message.body or b"")
        self.properties: dict[str, Any] = message.properties
        self.headers: dict[str, Any] = message.properties.get("application_headers") or {}
        self.routing_key: str = info["routing_key"]
        self.exchange: str = info["exchange"]
        self.redelivered: bool = bool(info["redelivered"])

    @property
    def lost(self) -> bool:
        """Whether its channel is gone: nothing said of it would be heard, and the broker delivers it again."""
        return not self._channel.is_open

    def settle(self, reply: tuple[amqp.Message, str, str] | None = None) -> None:
        """Acknowledge, after publishing `(message, exchange, routing key)`; on a lost channel the broker redelivers."""
        with self._lock:
            if not self._channel.is_open:
                return
            try:
                if reply is not None:
                    self._channel.basic_publish(*reply)
                self._channel.basic_ack(self._tag)
            except BROKEN:
                self._channel.is_open = False


@dataclass(frozen=True)
class Subscription:
    """One queue to consume: `declare(channel)` makes it and what it is bound to."""

    queue: str
    prefetch: int
    arrived: Callable[[Delivery], None]
    declare: Callable[[Any], None]


class Consumer:
    """Consumes several queues over one connection.

    `run` is the body of a thread of its own. After `stop` the queues are cancelled; the connection is kept until
    `idle()` says that every taken message is settled, because an acknowledgement needs it.
    """

    def __init__(
        self,
        uri: str,
        subscriptions: list[Subscription],
        *,
        lock: Any,
        sleep: Callable[[float], None],
        idle: Callable[[], bool],
        failed: Callable[[BaseException], None],
    ) -> None:
        self._uri, self._subscriptions = uri, subscriptions
        self._lock, self._sleep, self._idle, self._failed = lock, sleep, idle, failed
        self._stopping = False
        self.connected = False

    def stop(self) -> None:
        """Take no more messages; `run` returns when the taken ones are settled."""
        self._stopping = True

    def run(self) -> None:
        """Consume until stopped, through every loss of the broker."""
        pause = 0.1
        while not self._stopping:
            try:
                self._serve()
            except BROKEN as error:
                self._failed(error)
                pause = 0.1 if self.connected else min(pause * 2, 2.0)
            finally:
                self.connected = False
            if not self._stopping:
                self._sleep(pause)

    def _serve(self) -> None:
        raw = connect(self._uri)
        try:
            consuming = [self._subscribe(raw, subscription) for subscription in self._subscriptions]
            self.connected = True
            while not self._stopping:
                self._drain(raw, 0.25)
                if not all(channel.is_open for channel, _ in consuming):
                    raise RecoverableConnectionError("a channel broke while a message was settled")
            with self._lock:
                for channel, tag in consuming:
                    channel.basic_cancel(tag, nowait=True)
            while not self._idle():
                self._drain(raw, 0.05)
        finally:
            with self._lock:
                discard(raw)

    def _subscribe(self, raw: amqp.Connection, subscription: Subscription) -> tuple[Any, str]:
        channel = raw.channel()
        subscription.declare(channel)
        channel.basic_qos(0, subscription.prefetch, False)

        def arrived(message: Any) -> None:
            subscription.arrived(Delivery(message, channel, self._lock))

        return channel, channel.basic_consume(subscription.queue, callback=arrived)

    def _drain(self, raw: amqp.Connection, seconds: float) -> None:
        try:
            raw.drain_events(timeout=seconds)
        except TimeoutError:
            with self._lock:
                raw.heartbeat_tick()

"""Taking messages from queues over one connection, reconnecting for as long as it takes, and leaving cleanly."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import amqp
from amqp import spec

from chassis.broker import BROKEN, break_off, connect, discard, in_one_piece
from chassis.frames import BYTES
from chassis.wire import LARGEST_BODY


class Delivery:
    """A message that arrived; it is settled once, by the channel it came by, if that still stands."""

    __slots__ = (
        "body", "channel", "ends", "exchange", "headers", "lock", "properties", "redelivered", "routing_key", "tag",
    )  # fmt: skip

    def __init__(self, message: Any, channel: Any, lock: Any) -> None:
        info = message.delivery_info
        self.channel, self.lock, self.tag = channel, lock, info["delivery_tag"]
        self.body: bytes = message.body.encode() if isinstance(message.body, str) else bytes(message.body or b"")
        self.properties: dict[str, Any] = message.properties
        self.headers: dict[str, Any] = message.properties.get("application_headers") or {}
        self.routing_key: str = info["routing_key"]
        self.exchange: str = info["exchange"]
        self.redelivered: bool = bool(info["redelivered"])
        self.ends = math.inf
        """When whoever sent it gives up, on the monotonic clock; for what has a deadline."""

    @property
    def size(self) -> int:
        """Bytes of the body as it was sent; the body of one that is too large is not here."""
        return max(len(self.body), _whole(self.headers.get(BYTES)))

    @property
    def lost(self) -> bool:
        """Whether its channel is gone: nothing said of it would be heard, and the broker delivers it again."""
        return not self.channel.is_open

    def settle(self, reply: tuple[amqp.Message, str, str] | None = None) -> None:
        """Acknowledge, after publishing `(message, exchange, routing key)`; on a lost channel the broker redelivers."""
        _say(self, reply)


def _whole(number: Any) -> int:
    return number if isinstance(number, int) else 0


def settle_all(deliveries: list[Delivery]) -> None:
    """Acknowledge deliveries of one queue, in the order in which they came; those before them are settled already."""
    last = {delivery.channel: delivery for delivery in deliveries}
    for delivery in last.values():
        _say(delivery, all_before=True)


def _say(delivery: Delivery, reply: tuple[amqp.Message, str, str] | None = None, *, all_before: bool = False) -> None:
    """Write to the channel by which it came, unless that is gone."""
    channel = delivery.channel
    with delivery.lock:
        if not channel.is_open:
            return
        raw = channel.connection
        try:
            with in_one_piece(raw):
                if reply is not None:
                    channel.basic_publish(*reply)
                channel.basic_ack(delivery.tag, multiple=all_before)
        except BROKEN:  # half a frame may be out: nothing that is sent after it would be understood
            channel.is_open = False
            break_off(raw)


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
        self._consuming: list[tuple[Any, str]] = []
        self._stopping = False
        self.connected = False

    def stop(self) -> None:
        """Take no more messages; `run` returns when the taken ones are settled."""
        self._stopping = True
        self._cancel()

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
        raw = connect(self._uri, largest=LARGEST_BODY)
        try:
            consuming = [self._subscribe(raw, subscription) for subscription in self._subscriptions]
            self._consuming, self.connected = consuming, True
            while not self._stopping:
                self._drain(raw)
            self._cancel()  # again: what was asked before we consumed was not heard
            while any(tag in channel.callbacks for channel, tag in consuming) and self._drain(raw):
                pass  # what was sent before the broker heard of it is ours to settle
            while not self._idle():
                self._sleep(0.02)
        finally:
            self._consuming = []
            with self._lock:
                discard(raw)

    def _subscribe(self, raw: amqp.Connection, subscription: Subscription) -> tuple[Any, str]:
        channel = raw.channel()
        channel.auto_decode = False  # by whatever the message calls its encoding
        subscription.declare(channel)
        channel.basic_qos(0, subscription.prefetch, False)

        def arrived(message: Any) -> None:
            subscription.arrived(Delivery(message, channel, self._lock))

        return channel, channel.basic_consume(subscription.queue, callback=arrived)

    def _drain(self, raw: amqp.Connection) -> bool:
        """Wait for something to arrive, and say whether it did. The socket has one time limit, for readers and writers,
        which nobody changes: a short one of the reader's would cut off answers that a busy broker is slow to take."""
        try:
            raw.drain_events()
            return True
        except TimeoutError:
            with self._lock:
                raw.heartbeat_tick()
            return False

    def _cancel(self) -> None:
        """Ask for no more; that the broker confirms it is what wakes the reader."""
        consuming, self._consuming = self._consuming, []
        with self._lock, suppress(*BROKEN):
            for channel, tag in consuming:
                channel.send_method(spec.Basic.Cancel, "sb", (tag, False))

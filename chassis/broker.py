"""Connections to RabbitMQ: opened with time limits, and messages published in confirmed batches."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import amqp
from amqp.exceptions import AccessRefused, AMQPError, NotFound
from kombu import Connection

from chassis.frames import up_to

CONNECT_SECONDS = 3.0
SOCKET_SECONDS = 5.0
HEARTBEAT_SECONDS = 20.0
BROKEN = (AMQPError, OSError)
"""What a lost, frozen or refusing broker raises."""
GULP = 32 * 1024
"""Bytes asked for in one read of a socket."""
SAID_AT_ONCE = 64
"""So many messages are written to a socket in one call."""
_PATIENT = {"socket_settings": {socket.TCP_USER_TIMEOUT: int(SOCKET_SECONDS * 1000)}}
"""py-amqp lets the kernel give up a connection after one second in which a busy broker took nothing of it."""

_PERSISTENT_JSON = {"content_type": "application/json", "content_encoding": "utf-8", "delivery_mode": 2}


def connect(
    uri: str, heartbeat: float = HEARTBEAT_SECONDS, seconds: float = CONNECT_SECONDS, largest: int | None = None
) -> amqp.Connection:
    """Open a connection, in so many seconds at most; every later read and write on its socket is bounded as well.

    Heartbeat in seconds, 0: none. `largest`: bytes of a body that is read; a larger one is left out (chassis.frames).
    """
    patience = min(seconds, CONNECT_SECONDS)
    options: dict[str, Any] = _PATIENT if largest is None else _PATIENT | {"frame_handler": up_to(largest)}
    link = Connection(uri, connect_timeout=patience, heartbeat=heartbeat, transport_options=options)
    raw = link.transport.establish_connection()
    raw.transport.sock.settimeout(SOCKET_SECONDS)
    _read_in_gulps(raw.transport)
    # Told that it may be blocked, py-amqp reads before each publish: two green threads then read from one socket, each
    # with its own time limit on it, and one of them waits for ever.
    raw.client_properties.get("capabilities", {})["connection.blocked"] = False
    return raw


def _read_in_gulps(transport: Any) -> None:
    """Take what has come in one call: py-amqp asks for the head, the body and the last byte of each frame by itself."""
    receive = transport._quick_recv
    transport._quick_recv = lambda wanted: receive(max(wanted, GULP))


def need_exchange(channel: Any, name: str) -> None:
    """Have a topic exchange that may be somebody else's: made only where it is not there and may be made, for who may
    make one may take it away. NotFound while its owner has not made it."""
    asking = channel.connection.channel()
    try:
        asking.exchange_declare(name, "topic", passive=True)
        asking.close()
    except NotFound as missing:
        try:
            channel.exchange_declare(name, "topic", durable=True, auto_delete=False)
        except AccessRefused:
            raise missing from None


def is_there(channel: Any, queue: str) -> bool:
    """Whether a queue can be reached that has the name, whatever its kind."""
    asking = channel.connection.channel()
    try:
        asking.queue_declare(queue, passive=True)
        asking.close()
        return True
    except NotFound:
        return False


@contextmanager
def in_one_piece(raw: amqp.Connection) -> Iterator[None]:
    """Send all frames that are written meanwhile in one call, or none if one fails; for one green thread at a time."""
    transport, pieces = raw.transport, []
    write = transport._write
    transport._write = lambda frame: pieces.append(bytes(frame))  # py-amqp uses the frame's buffer again
    try:
        yield
    finally:
        transport._write = write
    transport.write(memoryview(b"".join(pieces)))


def break_off(raw: amqp.Connection | None) -> None:
    """End a connection that nobody can use any more, so that whoever reads from it notices at once."""
    with suppress(OSError, AttributeError):
        raw.transport.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]


def discard(raw: amqp.Connection | None) -> None:
    """Close a connection that may be broken, without waiting long for the other side."""
    if raw is None or raw.transport is None:
        return
    try:
        raw.transport.sock.settimeout(0.5)
        raw.close()
    except (*BROKEN, AttributeError):  # py-amqp loses its transport half-way through a close that fails
        raw.collect()


@dataclass(frozen=True)
class Outgoing:
    """A message on its way out, persistent JSON unless the properties say otherwise."""

    exchange: str
    routing_key: str
    body: str | bytes
    headers: dict[str, Any]
    properties: dict[str, Any] = field(default_factory=dict)

    def message(self) -> amqp.Message:
        """The message as py-amqp sends it."""
        return amqp.Message(self.body, application_headers=self.headers, **(_PERSISTENT_JSON | self.properties))


class Publisher:
    """Publishes persistent messages in batches, and returns when the broker has confirmed all of them.

    Not for several threads at once. Raises one of BROKEN within about `SOCKET_SECONDS`; the next batch reconnects.
    """

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._raw: amqp.Connection | None = None
        self._channel: Any = None
        self._unconfirmed: set[int] = set()
        self._refused = False
        self._tag = 0

    def publish(self, batch: Iterable[Outgoing]) -> None:
        """Hand over a batch, or raise: then none, some or all of it arrived."""
        try:
            raw = self._open()
            waiting = iter(batch)
            while several := list(islice(waiting, SAID_AT_ONCE)):
                with in_one_piece(raw):
                    for outgoing in several:
                        self._tag += 1
                        self._unconfirmed.add(self._tag)
                        self._channel.basic_publish(outgoing.message(), outgoing.exchange, outgoing.routing_key)
            while self._unconfirmed:
                raw.drain_events(timeout=SOCKET_SECONDS)
            if self._refused:
                raise AMQPError("the broker refused a message")
        except BROKEN:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the connection."""
        raw, self._raw, self._channel = self._raw, None, None
        discard(raw)

    def _open(self) -> amqp.Connection:
        if self._raw is not None and self._raw.connected:
            return self._raw
        raw = connect(self._uri, heartbeat=0)  # between two batches nobody would send any
        self._channel = raw.channel()
        self._channel.confirm_select()
        self._unconfirmed, self._tag, self._refused = set(), 0, False
        self._channel.events["basic_ack"].add(self._confirmed)
        self._channel.events["basic_nack"].add(self._nacked)
        self._raw = raw
        return raw

    def _confirmed(self, tag: int, multiple: bool) -> None:
        if multiple:
            self._unconfirmed = {t for t in self._unconfirmed if t > tag}
        else:
            self._unconfirmed.discard(tag)

    def _nacked(self, tag: int, multiple: bool) -> None:
        self._refused = True
        self._confirmed(tag, multiple)

"""Reading frames off a connection: what one message says must not be the end of the process that reads it.

The body of one that is too large goes by, and is not kept while it comes. What is no text, or no time that there is,
among its properties would make py-amqp raise where the connection is read, and again when it is delivered again: such
a message comes without any of its properties, and is judged like any other that says nothing of itself.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import unpack_from
from typing import Any

from amqp.method_framing import frame_handler
from amqp.serialization import decode_properties_basic

HEADER, BODY = 2, 3
_DELIVER = (60, 60)
_SIZE_AT, _PROPERTIES_AT = 4, 12  # in the header of a message: class, weight, size, properties
_NO_PROPERTIES = bytes(2)
_ARGUMENTS_AT = 4  # in the method of a message: class, method; then consumer, tag, redelivered, exchange, routing key
_LONG_AND_BIT = 9
BYTES = "x-bytes"
"""Header of a message whose body was left out: how large it was."""


def up_to(largest: int) -> Callable[..., Any]:
    """A frame handler for `amqp.Connection` whose messages have bodies of so many bytes at most, or none."""

    def reading(connection: Any, callback: Callable[..., Any]) -> Callable[[Any], bool]:
        sizes: dict[int, int] = {}
        left: dict[int, int] = {}

        def told(channel: int, method: Any, arguments: Any, message: Any) -> None:
            if channel in sizes:
                headers = message.properties.setdefault("application_headers", {})
                headers[BYTES] = sizes.pop(channel)
            if method == _DELIVER:
                arguments = _with_plain_key(arguments)
            callback(channel, method, arguments, message)

        on_frame = frame_handler(connection, told)

        def on_frame_but_let_it_go(frame: Any) -> bool:
            kind, channel, payload = frame
            if kind == HEADER:
                (size,) = unpack_from(">Q", payload, _SIZE_AT)
                if size > largest:
                    sizes[channel] = left[channel] = size
                    payload = payload[:_SIZE_AT] + bytes(8) + payload[_PROPERTIES_AT:]
                try:
                    return on_frame((kind, channel, payload))
                except Exception:
                    if _is_readable(payload):  # then it was something else
                        raise
                    return on_frame((kind, channel, payload[:_PROPERTIES_AT] + _NO_PROPERTIES))
            elif kind == BODY and left.get(channel):
                left[channel] -= len(payload)
                return False
            return on_frame(frame)

        return on_frame_but_let_it_go

    return reading


def _is_readable(header: bytes) -> bool:
    try:
        decode_properties_basic(header, _PROPERTIES_AT)
    except Exception:  # whatever py-amqp stumbles over
        return False
    return True


def _with_plain_key(arguments: bytes) -> bytes:
    """The arguments of a delivery, with question marks in a routing key that is no text."""
    exchange_at = _ARGUMENTS_AT + 1 + arguments[_ARGUMENTS_AT] + _LONG_AND_BIT
    key_at = exchange_at + 1 + arguments[exchange_at] + 1
    key = arguments[key_at:]
    try:
        key.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return arguments[:key_at] + bytes(byte if byte < 128 else ord("?") for byte in key)
    return arguments

"""Reading frames off a connection: the body of a message that is too large goes by, and is not kept while it comes."""

from __future__ import annotations

from collections.abc import Callable
from struct import unpack_from
from typing import Any

from amqp.method_framing import frame_handler

HEADER, BODY = 2, 3
_SIZE_AT = 4  # in the header of a message: class, weight, size
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
            callback(channel, method, arguments, message)

        on_frame = frame_handler(connection, told)

        def on_frame_but_let_it_go(frame: Any) -> bool:
            kind, channel, payload = frame
            if kind == HEADER:
                (size,) = unpack_from(">Q", payload, _SIZE_AT)
                if size > largest:
                    sizes[channel] = left[channel] = size
                    return on_frame((kind, channel, payload[:_SIZE_AT] + bytes(8) + payload[_SIZE_AT + 8 :]))
            elif kind == BODY and left.get(channel):
                left[channel] -= len(payload)
                return False
            return on_frame(frame)

        return on_frame_but_let_it_go

    return reading

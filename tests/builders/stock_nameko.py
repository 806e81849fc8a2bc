"""Somebody else's service, written with nothing but nameko: notes the id of every event that its handlers dealt with.

`python -m tests.builders.stock_nameko URI FILE` subscribes to all that the contracts publish, and says `listening`.
"""

from __future__ import annotations

import eventlet

eventlet.monkey_patch()

import sys  # noqa: E402
from typing import Any  # noqa: E402

from nameko.containers import ServiceContainer  # noqa: E402
from nameko.events import EventHandler  # noqa: E402

from contracts.catalogue import all_events  # noqa: E402


class WithItsId(EventHandler):
    """nameko's own handler, which hands the event's id on to whoever counts: by itself it knows no foreign header."""

    def handle_message(self, body: Any, message: Any) -> None:
        assert isinstance(body, dict), "a plain handler gets the event's data"
        super().handle_message({"data": body, "id": message.headers["ce-id"]}, message)


def hear(service: Any, event: dict[str, Any]) -> None:
    with open(sys.argv[2], "a") as file:
        file.write(event["id"] + "\n")


def with_a_handler_for_everything() -> type:
    """A class with one `@event_handler` for each event, as if they had been written out."""
    handlers: dict[str, Any] = {"name": "elsewhere"}
    for number, event in enumerate(all_events()):
        handler = type(hear)(hear.__code__, globals(), f"hear_{number}")
        handlers[handler.__name__] = WithItsId.decorator(event.service, event.type)(handler)
    return type("Elsewhere", (), handlers)


if __name__ == "__main__":
    container = ServiceContainer(with_a_handler_for_everything(), {"AMQP_URI": sys.argv[1]})
    container.start()
    print("listening", flush=True)
    container.wait()

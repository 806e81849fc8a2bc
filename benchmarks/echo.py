"""Three ways to answer the same small question: bare amqp, a stock nameko service, and ours. Run as processes.

`python -m benchmarks.echo bare|stock` and `python -m chassis.run benchmarks.echo:Echo --role rpc`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

import sqlalchemy as sa

from chassis.broker import connect
from chassis.config import settings
from chassis.entrypoints import Room, hears, hears_many, serves
from chassis.service import Service
from chassis.told import Told
from chassis.work import Work
from contracts.language import PUBLIC, Event, Rpc, Schema, Text

BARE_QUEUE = "benchmark-bare"


class Said(Schema):
    """Some words."""

    words = Text(required=True)


said = Event("echo", "words.said", data=Said)
echo = Rpc("echo", "echo", needs=PUBLIC, takes=Said, gives=Said, writes=False)


heard = sa.table("heard", sa.column("words"))


_WRITE = sa.insert(heard)


def write_down(work: Work, events: Sequence[Told]) -> None:
    """The smallest effect there is, a row for each, as the house writes: in one statement."""
    work.connection.execute(_WRITE, [{"words": event.data.words} for event in events])


def write_one_down(work: Work, event: Told) -> None:
    """The same, in a statement for each."""
    work.connection.execute(_WRITE, {"words": event.data.words})


class Echoes(Room):
    """Says again what was said, and writes down what it hears."""

    echo = serves(echo, lambda work, request: request)
    hear = hears_many([said], write_down)
    hear_each = hears([said], write_one_down)


class Echo(Echoes, Service):
    """Ours."""

    name = "echo"


def serve_bare() -> None:
    """Answer with nothing but py-amqp: the floor that every RPC over RabbitMQ stands on."""
    import amqp

    raw = connect(settings().amqp_uri)
    channel = raw.channel()
    channel.queue_declare(BARE_QUEUE, auto_delete=True)
    channel.basic_qos(0, 16, False)

    def arrived(message: amqp.Message) -> None:
        words = json.loads(message.body)["words"]
        reply = amqp.Message(json.dumps({"words": words}), correlation_id=message.properties["correlation_id"])
        channel.basic_publish(reply, "", message.properties["reply_to"])
        channel.basic_ack(message.delivery_info["delivery_tag"])

    channel.basic_consume(BARE_QUEUE, callback=arrived)
    raw.transport.sock.settimeout(None)
    while True:
        raw.drain_events()


def serve_stock() -> None:
    """Answer with nameko as it comes."""
    import eventlet

    eventlet.monkey_patch()
    from nameko.containers import ServiceContainer
    from nameko.rpc import rpc

    class StockEcho:
        name = "stock_echo"

        @rpc
        def echo(self, words: str) -> dict[str, str]:
            return {"words": words}

    container = ServiceContainer(StockEcho, {"AMQP_URI": settings().amqp_uri, "max_workers": 16})
    container.start()
    container.wait()


if __name__ == "__main__":
    {"bare": serve_bare, "stock": serve_stock}[sys.argv[1]]()

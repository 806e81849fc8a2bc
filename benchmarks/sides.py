"""The processes on either side of a race over HTTP, and nobody else who is busy."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from amqp.exceptions import NotFound

from benchmarks.stage import Stage
from chassis.broker import connect
from chassis.config import SERVICES, settings
from chassis.migrate import declare_queues, listeners_of, service_class
from chassis.topology import queue_of
from local import CHECKOUT
from local.ports import LOOPBACK, free_port
from local.processes import Process, stop_all, wait_for

LISTENING = ("contacts.add_to_timeline", "evt-stock_contacts-contact.created--stock_timeline.add")


@contextmanager
def servers(stage: Stage) -> Iterator[tuple[int, list[int]]]:
    """The gateway with all three ways, what stands behind them, and the process ids of everything that takes part."""
    port = free_port()
    gunicorn = ["-m", "gunicorn", "-c", "gateway/gunicorn.py", "--bind", f"{LOOPBACK}:{port}", "benchmarks.beside:app"]
    commands = {
        "beside": gunicorn,
        "stock": ["-m", "benchmarks.stock", "StockContacts"],
        "relay": ["-m", "chassis.run", "benchmarks.announcing:Silent", "--role", "events"],
    }
    started = _started(stage, commands)
    answering = [stage.house.processes["contacts-rpc"].pid, *stage.servers.values()]
    try:
        yield port, [server.pid for server in started] + answering
    finally:
        stop_all(started)


def _started(stage: Stage, commands: dict[str, list[str]]) -> list[Process]:
    return [
        Process(name, [sys.executable, *command], stage.folder, env=stage.env, cwd=CHECKOUT).start()
        for name, command in commands.items()
    ]


@contextmanager
def listeners(stage: Stage) -> Iterator[list[int]]:
    """One listener on either side, that puts a contact on the timeline; their process ids."""
    commands = {
        "listener": ["-m", "chassis.run", "benchmarks.announcing:Listening", "--role", "events"],
        "stock-listener": ["-m", "benchmarks.stock", "StockTimeline"],
    }
    started = _started(stage, commands)
    raw = connect(settings().amqp_uri, heartbeat=0)

    def listening() -> bool:
        try:
            return all(raw.channel().queue_declare(name, passive=True).consumer_count for name in LISTENING)
        except NotFound:
            return False

    try:
        if not wait_for(listening, 30):
            raise RuntimeError("a listener does not listen")
        yield [listener.pid for listener in started]
    finally:
        raw.close()
        stop_all(started)


@contextmanager
def unheard(stage: Stage) -> Iterator[None]:
    """Nobody listens: a stock service has no listeners here, and ours would be busy with what we tell them."""
    names = [name for name in stage.house.processes if "events" in name]
    stop_all([stage.house.processes[name] for name in names])
    raw = connect(settings().amqp_uri)
    for service in SERVICES:
        for door in listeners_of(service_class(service)):
            raw.channel().queue_delete(queue_of(service, door))
    raw.close()
    yield
    for service in SERVICES:
        declare_queues(service)
    for name in names:
        stage.house.start_one(name)
    stage.house.wait(60, names)

"""RPC through the chassis, beside bare amqp and beside stock nameko: rate with one caller and eight, and CPU."""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

import amqp
from nameko.standalone.rpc import ServiceRpcProxy

from benchmarks import echo
from benchmarks.measuring import Contestant, Series, race
from benchmarks.results import Figure
from chassis.broker import connect
from chassis.calls import Calls
from chassis.config import settings
from local.processes import Process, stop_all, wait_for

WORDS = "how do you do"


def measure(env: Mapping[str, str], folder: Path, broker_pids: list[int], *, scale: float = 1.0) -> list[Figure]:
    """Run the race with one caller and with eight."""
    commands = {
        "bare": ["-m", "benchmarks.echo", "bare"],
        "stock": ["-m", "benchmarks.echo", "stock"],
        "ours": ["-m", "chassis.run", "benchmarks.echo:Echo", "--role", "rpc"],
    }
    servers = {
        name: Process(f"echo-{name}", [sys.executable, *command], folder, env=env).start()
        for name, command in commands.items()
    }
    try:
        with ExitStack() as stack:
            begin = {"bare": _bare, "ours": _ours, "stock": lambda: _stock(stack)}
            _wait_until_answering(begin)
            contestants = [Contestant(n, begin[n], [servers[n].pid, *broker_pids]) for n in ("bare", "ours", "stock")]
            one = race(contestants, callers=1, calls=int(500 * scale), rounds=15)
            eight = race(contestants, callers=8, calls=int(800 * scale), rounds=15)
    finally:
        stop_all(list(servers.values()))
    each = eight["ours"].cpu_each
    return [
        Figure("one caller, beside bare amqp", one["ours"].beside(one["bare"]), 0.55, _rate(one["ours"])),
        Figure("one caller, beside stock nameko", one["ours"].beside(one["stock"]), None),
        Figure("eight callers, beside bare amqp", eight["ours"].beside(eight["bare"]), None),
        Figure("eight callers, beside stock nameko", eight["ours"].beside(eight["stock"]), 2.3,
               _rate(eight["ours"])),
        Figure("CPU over all processes, beside stock nameko", eight["ours"].cpu_beside(eight["stock"]), 0.45,
               f"{each * 1000:.2f} ms a call", at_most=True),
    ]  # fmt: skip


def _rate(series: Series) -> str:
    return f"{series.rate:.0f}/s"


def _wait_until_answering(begin: Mapping[str, Callable[[], Callable[[], object]]]) -> None:
    for name, start in begin.items():

        def answers(start: Callable[[], Callable[[], object]] = start) -> bool:
            try:
                return start()() == {"words": WORDS}
            except Exception:  # not there yet, in whatever way that client says it
                return False

        if not wait_for(answers, 20):
            raise RuntimeError(f"the {name} server does not answer")


def _bare() -> Callable[[], object]:
    raw = connect(settings().amqp_uri)
    channel = raw.channel()
    replies: dict[str, object] = {}

    def replied(message: amqp.Message) -> None:
        replies[message.properties["correlation_id"]] = json.loads(message.body)

    channel.basic_consume("amq.rabbitmq.reply-to", callback=replied, no_ack=True)

    def call() -> object:
        call_id = uuid.uuid4().hex
        message = amqp.Message(json.dumps({"words": WORDS}), correlation_id=call_id, reply_to="amq.rabbitmq.reply-to")
        channel.basic_publish(message, "", echo.BARE_QUEUE)
        while call_id not in replies:
            raw.drain_events(timeout=5)
        return replies.pop(call_id)

    return call


def _ours() -> Callable[[], object]:
    calls = Calls(settings().amqp_uri)
    return lambda: calls.ask(echo.echo, {"words": WORDS})


def _stock(stack: ExitStack) -> Callable[[], object]:
    proxy = stack.enter_context(ServiceRpcProxy("stock_echo", {"AMQP_URI": settings().amqp_uri}, timeout=5))
    return lambda: proxy.echo(words=WORDS)

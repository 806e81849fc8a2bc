"""Bodies that are far too large, to a queue of requests and to one of events: refused and parked, never taken in."""

from __future__ import annotations

from typing import Any

import amqp
import psutil
import pytest
from amqp.exceptions import AMQPError

from chassis.broker import BROKEN, connect, discard
from chassis.frames import BYTES
from chassis.ids import new_id
from chassis.wire import RPC_EXCHANGE
from contracts.errors import Unavailable
from local.processes import wait_for
from tests.faults.probe.contract import echo, mark_made
from tests.faults.probe.house import ProbeHouse, cloud_event

pytestmark = pytest.mark.requirement("G06")
MB = 1024 * 1024
ROOM = 30 * MB
"""So much may a process grow by for whatever other reason."""


@pytest.fixture
def size(times: int) -> int:
    """A body that the broker takes without running out of memory itself, which would hold up everybody."""
    return 40 * MB if times == 1 else 64 * MB


def taken(probe: ProbeHouse, exchange: str, key: str, body: bytes, headers: dict[str, Any]) -> bool:
    """Whether the broker took it; short of memory, it may let a sender wait for longer than that one likes."""
    try:
        probe.publish(exchange, key, [(body, headers)])
    except BROKEN:
        return False
    return True


def answers(probe: ProbeHouse) -> bool:
    """A broker that has such a body in its memory may take nothing from anybody for some seconds."""
    try:
        return probe.calls.ask(echo, {"text": "still there?"}) == {"text": "still there?"}
    except Unavailable:
        return False


def test_memory_does_not_grow_with_what_is_sent(probe: ProbeHouse, times: int, size: int) -> None:
    process, parked = probe.process("probe"), probe.parked()
    memory, pid = psutil.Process(process.pid).memory_info, process.pid
    before, peak = memory().rss, 0

    def seen(count: int) -> bool:
        nonlocal peak
        peak = max(peak, memory().rss)
        return probe.parked() >= parked + count

    body, about = b"x" * size, cloud_event(mark_made, new_id())
    for n in range(1, times + 1):
        assert wait_for(lambda: taken(probe, RPC_EXCHANGE, "probe.echo", body, {}), 60)
        assert wait_for(lambda: taken(probe, "probe.events", mark_made.type, body, about), 60)
        assert wait_for(lambda: seen(n), 60, every=0.02)  # noqa: B023
        assert wait_for(lambda: answers(probe), 60), "it does not answer any more"
    probe.tell(mark_made, "after it")
    assert wait_for(lambda: "after it" in probe.effects("follow"), 60)
    assert (process.alive(), process.pid) == (True, pid)
    assert peak - before < ROOM, f"grew by {(peak - before) // MB} MB"


def test_the_caller_is_told_and_what_is_parked_says_how_large_it_was(probe: ProbeHouse, size: int) -> None:
    raw = connect(probe.env["RAPPORT_AMQP_URI"])
    try:
        channel = raw.channel()
        heard: list[bytes] = []
        channel.basic_consume("amq.rabbitmq.reply-to", callback=lambda message: heard.append(message.body), no_ack=True)
        message = amqp.Message(b"x" * size, reply_to="amq.rabbitmq.reply-to", correlation_id="1")
        channel.basic_publish(message, RPC_EXCHANGE, "probe.echo")
        while not heard:
            raw.drain_events(timeout=30)
        assert "too large" in str(heard[0])
        parked: list[amqp.Message] = []
        about = cloud_event(mark_made, new_id())
        assert wait_for(lambda: taken(probe, "probe.events", mark_made.type, b"x" * size, about), 60)
        assert wait_for(lambda: _took_one(channel, parked), 60)
        while _took_one(channel, parked):
            pass
        assert parked[-1].headers[BYTES] == size
        assert not parked[-1].body
    finally:
        discard(raw)


def test_what_is_beyond_the_limit_of_the_broker_it_does_not_take(probe: ProbeHouse, times: int) -> None:
    if times > 1:
        with pytest.raises((AMQPError, OSError)):
            probe.publish(RPC_EXCHANGE, "probe.echo", [(b"x" * (200 * MB), {})])
    assert wait_for(lambda: answers(probe), 60)


def _took_one(channel: amqp.Channel, parked: list[amqp.Message]) -> bool:
    message = channel.basic_get("probe.parked", no_ack=True)
    parked += [message] if message is not None else []
    return message is not None

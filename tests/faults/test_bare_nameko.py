"""What stock nameko does in the same places, so that an upgrade or a fork that does better is noticed.

A test that fails here is good news: the piece of the chassis that guards against it may go.
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import amqp
import pytest

from chassis.broker import connect, discard
from local import CHECKOUT
from local.house import environment
from local.processes import Process, wait_for
from tests.faults.probe import diary
from tests.house.keeper import Servers
from tests.house.living import make_virtual_host, manage

IN_FLIGHT = 10


class StockHouse:
    """One process of stock nameko."""

    def __init__(self, servers: Servers, folder: Path, virtual_host: str) -> None:
        self.uri = servers.virtual_host(virtual_host)
        self.diary = diary.Diary(folder / "diary")
        env = environment(amqp_uri=self.uri) | {diary.VARIABLE: str(self.diary.path)}
        command = [sys.executable, "-m", "tests.faults.stock"]
        self.process = Process("stock", command, folder, env=env, cwd=CHECKOUT)

    def start(self) -> None:
        starts = len(self.diary.runs("ready"))
        self.process.start()
        assert wait_for(lambda: len(self.diary.runs("ready")) > starts, 60), self.process.tail()

    def tell(self, type: str, *bodies: Any) -> None:
        raw = connect(self.uri)
        channel = raw.channel()
        channel.confirm_select()
        for body in bodies:
            text = body if isinstance(body, bytes) else json.dumps(body)
            told = {"content_type": "application/json", "content_encoding": "utf-8", "delivery_mode": 2}
            channel.basic_publish_confirm(amqp.Message(text, **told), "source.events", type)
        discard(raw)

    def waiting(self, handler: str, type: str) -> int:
        """How many messages the broker still has for a handler, none of them being worked at."""
        raw = connect(self.uri)
        queue = f"evt-source-{type}--stock.{handler}"
        count = raw.channel().queue_declare(queue, passive=True).message_count
        discard(raw)
        return count


@pytest.fixture
def stock(servers: Servers, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[StockHouse]:
    virtual_host = f"stock-{abs(hash(request.node.name))}"
    make_virtual_host(servers, virtual_host)
    house = StockHouse(servers, tmp_path, virtual_host)
    house.start()
    yield house
    house.process.kill()
    manage(servers, "DELETE", f"vhosts/{virtual_host}")


def test_after_sigterm_everything_that_was_finished_runs_again(stock: StockHouse) -> None:
    stock.tell("slow", *({"mark": str(n), "pause": 3.0} for n in range(IN_FLIGHT)))
    assert wait_for(lambda: len(stock.diary.runs("dawdle")) == IN_FLIGHT, 30)
    stock.process.signal(signal.SIGTERM)
    stock.process.gone(20)
    assert len(stock.diary.runs("dawdled")) == IN_FLIGHT, "all were finished"
    assert stock.waiting("dawdle", "slow") == IN_FLIGHT, "none was acknowledged"


def test_a_body_that_does_not_decode_is_gone(stock: StockHouse) -> None:
    stock.tell("plain", b'{"mark": ', {"mark": "after"})
    assert wait_for(lambda: stock.diary.runs("look"), 30)
    assert [run.mark for run in stock.diary.runs("look")] == ["after NoneType"]
    stock.process.kill()
    assert stock.waiting("look", "plain") == 0


def test_what_users_write_is_turned_into_an_object(stock: StockHouse) -> None:
    disguised = {"__type__": "datetime", "__value__": "2026-01-01T00:00:00"}
    stock.tell("plain", {"mark": "disguised", "text": disguised})
    assert wait_for(lambda: stock.diary.runs("look"), 30)
    assert [run.mark for run in stock.diary.runs("look")] == ["disguised datetime"]


def test_an_event_whose_handler_fails_is_gone(stock: StockHouse) -> None:
    stock.tell("failing", {"mark": "once"})
    assert wait_for(lambda: stock.diary.runs("fail"), 30)
    stock.process.signal(signal.SIGTERM)
    stock.process.gone(20)
    assert stock.waiting("fail", "failing") == 0
    assert len(stock.diary.runs("fail")) == 1


def test_requeue_on_error_spins_without_delay_or_limit(stock: StockHouse) -> None:
    stock.tell("spinning", {"mark": "round and round"})
    assert wait_for(lambda: len(stock.diary.runs("spin")) > 100, 60)

"""A broker that is slow to take an answer, and one that takes only half of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import amqp
import pytest

from chassis import broker
from chassis.broker import connect, discard
from chassis.consumer import Consumer, Delivery, Subscription
from chassis.ids import new_id
from local.processes import wait_for
from tests.house.slow_link import SlowLink

pytestmark = pytest.mark.requirement("G06")

LARGE = b"x" * 24 * 1024 * 1024
"""More than the kernel takes off our hands."""


class Answering:
    """Consumes over a link and answers every question with much; the answers go to a queue, `answers` counts them."""

    def __init__(self, link: SlowLink, uri: str) -> None:
        self.questions, self._answers = f"questions-{new_id()}", f"answers-{new_id()}"
        self.deliveries: list[Delivery] = []
        self.failures: list[BaseException] = []
        self._settling: list[threading.Thread] = []
        self._raw = connect(uri, heartbeat=0)
        self._channel = self._raw.channel()
        self._channel.queue_declare(self.questions, durable=True, auto_delete=False)
        self._channel.queue_declare(self._answers, durable=True, auto_delete=False)
        subscription = Subscription(self.questions, 4, self._arrived, lambda _: None)
        self.consumer = Consumer(
            link.uri, [subscription], lock=threading.Lock(), sleep=time.sleep, idle=self._idle,
            failed=self.failures.append,
        )  # fmt: skip
        self._thread = threading.Thread(target=self.consumer.run)
        self._thread.start()
        assert wait_for(lambda: self.consumer.connected, 30)

    def ask(self) -> None:
        self._channel.basic_publish(amqp.Message("a question"), "", self.questions)

    def answers(self) -> int:
        return self._channel.queue_declare(self._answers, passive=True).message_count

    def close(self) -> None:
        self.consumer.stop()
        self._thread.join()
        for queue in (self.questions, self._answers):
            self._channel.queue_delete(queue)
        discard(self._raw)

    def _arrived(self, delivery: Delivery) -> None:
        self.deliveries.append(delivery)
        thread = threading.Thread(target=delivery.settle, args=((amqp.Message(LARGE), "", self._answers),))
        self._settling.append(thread)
        thread.start()

    def _idle(self) -> bool:
        return not any(thread.is_alive() for thread in self._settling)


@pytest.fixture
def link(house: Any) -> Iterator[SlowLink]:
    with SlowLink(house.env["RAPPORT_AMQP_URI"]) as made:
        yield made


@pytest.fixture
def answering(house: Any, link: SlowLink) -> Iterator[Callable[[], Answering]]:
    begun: list[Answering] = []

    def begin() -> Answering:
        begun.append(Answering(link, house.env["RAPPORT_AMQP_URI"]))
        return begun[-1]

    yield begin
    link.let_go()
    for each in begun:
        each.close()


def test_an_answer_that_the_broker_is_slow_to_take_arrives(link, answering):
    """The reader of the connection looks four times a second; whoever writes an answer has more patience than that."""
    service = answering()
    link.hold()
    service.ask()
    assert wait_for(lambda: service.deliveries, 30)
    time.sleep(1.5)  # what is tested is that so much time does no harm
    link.let_go()
    assert wait_for(lambda: service.answers() == 1, 30)
    assert (len(service.deliveries), service.failures, link.connections) == (1, [], 1)


def test_after_half_an_answer_the_service_connects_anew_and_gives_the_whole(link, answering, monkeypatch):
    monkeypatch.setattr(broker, "SOCKET_SECONDS", 0.5)
    service = answering()
    link.hold()
    service.ask()
    assert wait_for(lambda: service.deliveries and service.deliveries[0].lost, 30)
    monkeypatch.undo()
    link.let_go()
    assert wait_for(lambda: service.answers() == 1, 30)
    assert service.deliveries[-1].redelivered
    assert service.failures

"""The broker goes away and comes back: nothing answered is lost, nothing is done twice, and work goes on soon."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis.calls import Context
from contracts.errors import Unavailable
from local.processes import wait_for
from local.rabbitmq import RabbitMQ
from tests.faults.brokers import a_broker
from tests.faults.journal import HASTE, IN_FLIGHT, Journal
from tests.faults.probe.contract import echo, mark_made
from tests.faults.probe.house import ProbeHouse
from tests.house.keeper import Servers

pytestmark = pytest.mark.requirement("O04")
BACK_SECONDS = 10.0 * HASTE
ROOM = "vm_memory_monitor:set_vm_memory_high_watermark({{absolute, {}}})."


@pytest.fixture(scope="module")
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitMQ]:
    with a_broker(tmp_path_factory.mktemp("broker")) as node:
        yield node


@pytest.fixture(scope="module")
def lonely(servers: Servers, own_broker: RabbitMQ) -> Iterator[ProbeHouse]:
    """A house with the probe whose broker is its own."""
    house = ProbeHouse(servers, broker=own_broker)
    try:
        yield house.open()
    finally:
        house.close()


def stop(broker: RabbitMQ) -> None:
    broker.stop()
    broker.start_again()


def kill(broker: RabbitMQ) -> None:
    port = broker.port
    broker.kill()
    broker.start_again()
    assert broker.port == port


def freeze(broker: RabbitMQ) -> None:
    assert broker.process is not None
    broker.process.signal(signal.SIGSTOP)
    time.sleep(7)  # longer than every time limit on a socket
    broker.process.signal(signal.SIGCONT)


@pytest.mark.parametrize("hurt", [stop, kill, freeze])
def test_the_broker_goes_and_comes_back(
    lonely: ProbeHouse, own_broker: RabbitMQ, times: int, hurt: Callable[[RabbitMQ], None]
) -> None:
    journal = Journal(lonely)
    pid = lonely.process("probe").pid
    for n in range(times):
        with journal.writers():
            hurt(own_broker)
            began = time.monotonic()
            journal.write(f"first after {hurt.__name__} {n}")
            assert time.monotonic() - began < BACK_SECONDS
    journal.check(30)
    assert lonely.process("probe").pid == pid
    assert lonely.process("probe").alive()


@pytest.mark.parametrize("silent", [signal.SIGKILL, signal.SIGSTOP], ids=["dead", "frozen"])
def test_a_process_leaves_all_the_same_without_a_broker(
    lonely: ProbeHouse, own_broker: RabbitMQ, silent: signal.Signals
) -> None:
    journal, process = Journal(lonely), lonely.process("probe")
    assert own_broker.process is not None
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        calls = journal.in_flight(pool, f"orphaned {silent.name}", pause=2.0)
        own_broker.process.signal(silent)
        process.signal(signal.SIGTERM)
        assert wait_for(lambda: not process.alive(), 25), "it did not leave"
        kill(own_broker)
        lonely.start_again("probe")
        for call in calls:
            call.result(30)
    journal.check()


def test_what_is_told_while_the_broker_is_away_is_told_when_it_is_back(
    lonely: ProbeHouse, own_broker: RabbitMQ
) -> None:
    """Events wait in the outbox: written by another process, in the transaction of their change."""
    own_broker.kill()
    with lonely.database("probe").begin() as connection:
        connection.exec_driver_sql(
            "WITH made AS (INSERT INTO marks (mark)"
            " SELECT 'waiting ' || n FROM generate_series(1, 50) n RETURNING mark)"
            " INSERT INTO events (id, type, time, data)"
            " SELECT gen_random_uuid(), %s, now(), jsonb_build_object('mark', mark) FROM made",
            (mark_made.type,),
        )
    own_broker.start_again()
    journal = Journal(lonely)
    journal.write("after the wait")
    journal.check(30)


def test_a_broker_short_of_memory_keeps_nobody_waiting_and_loses_nothing(
    lonely: ProbeHouse, own_broker: RabbitMQ, times: int
) -> None:
    """An alarm of the broker's, for its memory as for its disk: it takes nothing, and says nothing."""
    journal = Journal(lonely)

    def refused() -> bool:
        began = time.monotonic()
        try:
            lonely.calls.ask(echo, {"text": "anyone?"}, Context(deadline=2.0))
        except Unavailable:
            return True
        finally:
            assert time.monotonic() - began < BACK_SECONDS
        return False

    for n in range(times):
        journal.write(f"before the alarm {n}")
        own_broker.evaluate(ROOM.format(1_000_000))
        assert wait_for(lambda: [refused() for _ in range(3)] == [True] * 3, 40), "there was no alarm"
        own_broker.evaluate(ROOM.format(1_000_000_000))
        journal.write(f"after the alarm {n}")
    journal.check(30)
    assert lonely.process("probe").alive()

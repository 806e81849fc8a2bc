"""What was lost comes back: the broker with all that it held, a service's database, and the whole house elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.contacts import people
from local.processes import wait_for
from local.rabbitmq import RabbitMQ
from tests.faults.brokers import a_broker
from tests.faults.house_journal import HouseJournal
from tests.house.keeper import Servers
from tests.house.living import LivingHouse, superuser
from tests.house.procedures import as_written

pytestmark = pytest.mark.requirement("O05")
PHOTO = f"photos/ab/ab{'0' * 30}"


class RestoredHouse(LivingHouse):
    """A house whose databases are those of a backup."""

    def __init__(self, servers: Servers, backup: Path) -> None:
        super().__init__(servers)
        self.backup = backup
        self.said = ""

    def make_databases(self) -> None:
        self.said = as_written("Restore everything, elsewhere", self.env, only="restore", DIR=self.backup)


@pytest.fixture(scope="module")
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitMQ]:
    with a_broker(tmp_path_factory.mktemp("broker"), management=True) as node:
        yield node


@pytest.fixture(scope="module")
def five(servers: Servers, own_broker: RabbitMQ) -> Iterator[LivingHouse]:
    """A house whose broker is its own."""
    living = LivingHouse(servers, broker=own_broker)
    try:
        yield living.open()
    finally:
        living.close()


@pytest.fixture(scope="module")
def journal(five: LivingHouse) -> HouseJournal:
    return HouseJournal(five)


@pytest.fixture(scope="module")
def backup(five: LivingHouse, journal: HouseJournal, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[str]]:
    """A backup made while people sell, and the orders that had been paid before it began."""
    folder, sold = tmp_path_factory.mktemp("backup") / "today", len(journal.sold)
    file = storage_of(five) / PHOTO
    file.parent.mkdir(parents=True)
    file.write_bytes(b"a face")
    with journal.sellers():
        assert wait_for(lambda: len(journal.sold) > sold + 3, 90)
        before = set(journal.sold)
        as_written("Back up", five.env, DIR=folder)
    return folder, before


def storage_of(house: LivingHouse) -> Path:
    return Path(house.env["RAPPORT_STORAGE"])


def positions(house: LivingHouse, service: str) -> list[int]:
    with house.database(service).connect() as connection:
        asked = "SELECT position FROM events WHERE position IS NOT NULL ORDER BY position"
        return list(connection.exec_driver_sql(asked).scalars())


def paid_orders(house: LivingHouse) -> set[str]:
    with house.database("billing").connect() as connection:
        return {str(id_) for id_ in connection.exec_driver_sql("SELECT order_id FROM payments").scalars()}


def all_published(house: LivingHouse) -> bool:
    asked = "SELECT count(*) FROM events WHERE position IS NULL OR position > (SELECT published FROM relay)"
    left = []
    for service in house.services:
        with house.database(service).connect() as connection:
            left.append(connection.exec_driver_sql(asked).scalar())
    return not any(left)


def test_a_broker_that_lost_everything_is_told_again_from_the_logs(
    five: LivingHouse, journal: HouseJournal, own_broker: RabbitMQ
) -> None:
    five.process("pipeline").kill()
    for n in range(5):
        journal.sell(f"unheard-of-{n}")
    assert wait_for(lambda: all_published(five), 60), "the events did not reach the broker"
    own_broker.kill()
    shutil.rmtree(own_broker.data / "mnesia")
    own_broker.start_again()
    five.start_again("pipeline")
    journal.sell("after")  # declared anew by whoever listens
    assert not wait_for(lambda: not journal.unheard(), 3), "nothing was lost with the broker"
    as_written("The broker lost its data", five.env)
    journal.check()


def test_a_service_that_lost_its_database_catches_up(
    five: LivingHouse, journal: HouseJournal, backup: tuple[Path, set[str]]
) -> None:
    folder, before = backup
    journal.check()
    told = positions(five, "billing")
    five.process("billing").kill()
    late = five.ask(people.create_contact, enter_as="lead", first_name="Late", assigned_to=five.owner["id"])["id"]
    five.forget_connections()
    with superuser(five.servers) as connection:
        connection.exec_driver_sql(f'DROP DATABASE "{five.name}_billing" WITH (FORCE)')
    section = "A service lost its database"
    as_written(section, five.env, only="restore", DIR=folder)
    as_written(section, five.env, only="migrate")
    five.start_again("billing")
    as_written(section, five.env, only="replay")
    assert wait_for(lambda: not [name for name in journal.unheard() if name.startswith("billing.")], 90)
    with five.database("billing").connect() as connection:
        known = {str(id_) for id_ in connection.exec_driver_sql("SELECT contact_id FROM known_contacts").scalars()}
    assert before <= paid_orders(five) <= journal.sold.keys()
    assert {late, *journal.sold.values()} <= known, "who was entered after the backup is not known"
    lost = [
        line.split()[3:] for line in as_written(section, five.env, only="lost").splitlines() if "payment.taken" in line
    ]
    assert {contact for [_, contact] in lost} == {
        journal.sold[order] for order in journal.sold.keys() - paid_orders(five)
    }
    journal.sell("after-the-restore")
    assert wait_for(lambda: positions(five, "billing")[-1] > told[-1], 60), "a position was given a second time"
    assert wait_for(lambda: not journal.unheard(), 90)


def test_a_backup_is_of_one_moment_and_a_house_is_made_of_it(
    servers: Servers, five: LivingHouse, backup: tuple[Path, set[str]]
) -> None:
    folder, before = backup
    for name in five.house.names():
        five.process(name).kill()
    again = RestoredHouse(servers, folder)
    try:
        found = HouseJournal(again.open())
        assert (storage_of(again) / PHOTO).read_bytes() == b"a face"
        assert "1 missing files are back" in again.said
        as_written("Restore everything, elsewhere", again.env, only="replay")
        assert wait_for(lambda: not found.unheard(), 90), f"lost: {found.unheard()}"
        assert not found.unfounded(), "somebody had applied what nobody had told"
        assert before <= paid_orders(again), "lost: acknowledged before the backup began"
        found.sell("in-the-new-house")
        assert wait_for(lambda: not found.unheard(), 90)
    finally:
        again.close()

"""What was lost comes back: the broker with all that it held, a service's database by a backup or by its archived log,
and the whole house elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from chassis.database import engine_for
from chassis.ids import new_id
from contracts.billing import orders
from contracts.contacts import people, team
from local.processes import wait_for
from local.rabbitmq import RabbitMQ
from tests.builders.people import a_colleague, a_lead
from tests.builders.waiting import eventually
from tests.faults.archiving import Archived
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
def archived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archived]:
    """The server of contacts' database alone."""
    server = Archived(tmp_path_factory.mktemp("archived"))
    server.prepare()
    server.start()
    server.wait()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def five(servers: Servers, own_broker: RabbitMQ, archived: Archived) -> Iterator[LivingHouse]:
    """A house whose broker is its own; and contacts has its own PostgreSQL, which archives its log."""
    settings = {"RAPPORT_CONTACTS_DATABASE_URL": f"{archived.url}_contacts"}
    living = LivingHouse(servers, broker=own_broker, settings=settings)
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
    assert not journal.all_heard(3), "nothing was lost with the broker"
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
    assert wait_for(lambda: not [name for name in journal.unheard() if name.startswith("billing.")], 90, every=0.5)
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
    assert journal.all_heard(90)


def test_a_database_that_is_recovered_from_its_log_goes_on_beyond_all_that_it_gave_out(
    five: LivingHouse, journal: HouseJournal, archived: Archived
) -> None:
    archived.back_up()
    ada, colleague = a_lead(five.ask)["id"], a_colleague(five.ask)["id"]
    archived.archive_what_there_is()
    given = number_of_a_customer(five, journal)
    call(five, ada, colleague, "Forgotten")
    five.ask(orders.place_order, contact_id=ada, items=[{"package_id": journal.gold}])
    assert eventually(
        lambda: remembered(five, ada, colleague) == {"Forgotten"} and "order.placed" in timeline(five, ada)
    )
    told = positions(five, "contacts")
    section, its = "A service lost its database", {"billing": "contacts"}
    with pytest.raises(AssertionError, match="processes of contacts are at work"):
        as_written(section, five.env, only="recovered", **its)
    five.process("contacts").kill()
    archived.lose()
    archived.recover()
    five.forget_connections()
    kept = positions(five, "contacts")
    assert kept == told[: len(kept)] != told, "it was to come back as of its last archived segment"
    with answering_calls(five, "contacts"), pytest.raises(AssertionError, match="processes of contacts are at work"):
        as_written(section, five.env, only="recovered", **its)
    as_written(section, five.env, only="recovered", **its)
    five.start_again("contacts")
    as_written(section, five.env, only="replay", **its)
    assert eventually(lambda: "order.placed" in timeline(five, ada)), "what others told it is not applied anew"
    assert int(as_written(section, five.env, only="lost").split()[-2]) >= 3
    call(five, ada, colleague, "New")
    assert eventually(lambda: remembered(five, ada, colleague) == {"New"})
    assert number_of_a_customer(five, journal) > given, "a membership number was given to another"
    assert eventually(lambda: positions(five, "contacts")[len(kept)] > told[-1]), "a position was given a second time"


@contextmanager
def answering_calls(house: LivingHouse, service: str) -> Iterator[None]:
    """Be what a process with nothing but the role rpc is to its database: connected, and without the relay's lock."""
    url = house.database(service).url.render_as_string(hide_password=False)
    engine = engine_for(url, pool=1, name=f"rapport {service} rpc")
    with engine.connect() as connection:
        connection.execute(sa.text("SELECT 1"))
        yield
    engine.dispose()


def call(house: LivingHouse, contact: str, colleague: str, name: str) -> None:
    """Give both another name."""
    house.ask(people.change_contact, contact_id=contact, first_name=name, last_name=None)
    house.ask(team.change_team_member, team_member_id=colleague, name=name)


def remembered(house: LivingHouse, contact: str, colleague: str) -> set[str]:
    """What others call them."""
    with house.database("billing").connect() as of_billing, house.database("pipeline").connect() as of_pipeline:
        first = of_billing.exec_driver_sql("SELECT display_name FROM known_contacts WHERE contact_id = %s", (contact,))
        second = of_pipeline.exec_driver_sql("SELECT name FROM known_team WHERE id = %s", (colleague,))
        return {*first.scalars(), *second.scalars()}


def number_of_a_customer(house: LivingHouse, journal: HouseJournal) -> str:
    """The membership number of somebody who is sold something now."""
    journal.sell(new_id())
    *_, customer = journal.sold.values()
    return eventually(lambda: house.ask(people.get_contact, contact_id=customer)["membership_number"])


def timeline(house: LivingHouse, contact: str) -> set[str]:
    """What kinds of things stand on a contact's timeline."""
    with house.database("contacts").connect() as connection:
        asked = "SELECT type FROM timeline_entries WHERE contact_id = %s"
        return set(connection.exec_driver_sql(asked, (contact,)).scalars())


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
        assert found.all_heard(90), f"lost: {found.unheard()}"
        assert not found.unfounded(), "somebody had applied what nobody had told"
        assert before <= paid_orders(again), "lost: acknowledged before the backup began"
        found.sell("in-the-new-house")
        assert found.all_heard(90)
    finally:
        again.close()

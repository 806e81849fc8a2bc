"""The fixtures that every test may use; tests/README.md tells them with examples."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from contracts.contacts import people
from local.mail import start_catcher
from local.postgres import PostgreSQL
from tests.house.hearing import Subscriber
from tests.house.keeper import Servers, nursery_of, running_servers
from tests.house.living import LivingHouse
from tests.house.mailbox import Mailbox
from tests.house.web import Api

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """The PostgreSQL and the RabbitMQ of this run, shared by all workers."""
    servers = running_servers()
    nursery_of(servers).start()  # it imports while the first house makes its databases
    yield servers
    nursery_of(servers).kill()


@pytest.fixture(scope="session")
def mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    """A real SMTP server that keeps what it is given; the session's house sends there."""
    folder = tmp_path_factory.mktemp("mailbox")
    process, url = start_catcher(folder)
    yield Mailbox(process, url, folder / "mail")
    process.kill()


@pytest.fixture(scope="session")
def house(servers: Servers, mailbox: Mailbox) -> Iterator[LivingHouse]:
    """All five services, a process each, shared by the tests of a worker: leave it as you found it."""
    living = LivingHouse(servers, settings={"RAPPORT_SMTP_URL": mailbox.url})
    try:
        yield living.open()
    finally:
        living.close()


@pytest.fixture
def a_house(servers: Servers, mailbox: Mailbox) -> Iterator[Callable[..., LivingHouse]]:
    """A factory of private houses that may be hurt: `a_house(services=["billing"], apart=True, gateway=True)`."""
    built: list[LivingHouse] = []

    def build(*, settings: dict[str, str] | None = None, open: bool = True, **choices: Any) -> LivingHouse:
        told = {"RAPPORT_SMTP_URL": mailbox.url, **(settings or {})}
        living = LivingHouse(choices.pop("servers", servers), settings=told, **choices)
        built.append(living)
        return living.open() if open else living

    yield build
    for living in built:
        living.close()


@pytest.fixture(scope="module")
def two(servers: Servers, request: pytest.FixtureRequest) -> Iterator[LivingHouse]:
    """Contacts, and the service that the test module names BESIDE; its listeners are a process that can be stopped."""
    beside = request.module.BESIDE
    roles = {"contacts": ("all",), beside: ("rpc", "events,jobs")}
    living = LivingHouse(servers, services=["contacts", beside], roles=roles)
    try:
        yield living.open()
    finally:
        living.close()


@pytest.fixture
def a_contact(two: LivingHouse) -> Callable[..., str]:
    """`a_contact(email=…, source=…)`: the id of a new contact in the house `two`."""

    def create(email: str = "", **told: Any) -> str:
        emails = [{"value": email or f"{new_id()}@example.com"}]
        given = {"first_name": "Ana", "last_name": new_id(), "assigned_to": two.owner["id"], "emails": emails} | told
        return two.ask(people.create_contact, **given)["id"]

    return create


@pytest.fixture
def ask(house: LivingHouse) -> Callable[..., Any]:
    """`ask(rpc, actor=None, key=None, **request)`: call an Rpc over the broker, as the owner unless told otherwise."""
    return house.ask


@pytest.fixture
def subscriber(house: LivingHouse) -> Iterator[Callable[..., Subscriber]]:
    """`subscriber("contacts.events", "contact.*")`: an outside listener, from now on."""
    listening: list[Subscriber] = []

    def listen(exchange: str, pattern: str = "#") -> Subscriber:
        listening.append(house.subscriber(exchange, pattern))
        return listening[-1]

    yield listen
    for one in listening:
        one.close()


@pytest.fixture
def database(house: LivingHouse) -> Callable[[str], sa.Engine]:
    """`database("billing")`: an engine on that service's database."""
    return house.database


@pytest.fixture
def api(house: LivingHouse) -> Api:
    """A client of the gateway, signed in as the owner."""
    return house.api()


@pytest.fixture
def a_database_server(tmp_path: Path) -> Iterator[Callable[..., PostgreSQL]]:
    """A factory of private PostgreSQL servers (fsync on) to be stopped, killed and started again."""
    built: list[PostgreSQL] = []

    def build(**settings: str) -> PostgreSQL:
        server = PostgreSQL(tmp_path, name=f"postgresql-{next(_numbers)}", settings=settings)
        built.append(server)
        server.prepare()
        server.start()
        server.wait()
        return server

    yield build
    for server in built:
        server.kill()

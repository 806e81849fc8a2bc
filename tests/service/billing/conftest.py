"""What the tests of billing begin with: a contact that billing knows, a package, an order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from contracts.billing import cards, orders, packages
from services.acquaintance import known_contacts
from services.acquaintance.model import known_settings
from services.billing.cards_on_file import keeping
from services.billing.payments import asking, charging
from tests.builders.selling import GIVES
from tests.builders.works import a_clockwork
from tests.house.keeper import Servers
from tests.house.living import LivingHouse
from tests.service.billing.renewing import Provider, Studio

BEGINNING = dt.datetime(2027, 1, 31, 12, tzinfo=dt.UTC)
Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def a_studio(servers: Servers) -> Iterator[Studio]:
    """A studio in Los Angeles."""
    with a_clockwork(servers, "billing", now=BEGINNING) as clockwork:
        with clockwork.work() as work:
            zone = {"key": "time_zone", "value": "America/Los_Angeles", "version": 1}
            work.session.execute(sa.insert(known_settings).values(zone))
        provider = Provider()
        with pytest.MonkeyPatch.context() as patch:
            for room in (asking, charging, keeping):
                patch.setattr(room, "provider_called", lambda _name: provider)
            for room in ("services.billing.cards_on_file.actions", "services.billing.payments.actions"):
                patch.setattr(f"{room}.default_provider", lambda: provider)
            yield Studio(clockwork, provider)


@pytest.fixture
def studio(a_studio: Studio) -> Studio:
    """The module's studio on the last of January 2027, with a provider that does as it is asked."""
    a_studio.clockwork.now = BEGINNING
    a_studio.provider.mood = None
    a_studio.provider.taken.clear()
    return a_studio


@pytest.fixture
def billing(database: Callable[[str], sa.Engine]) -> sa.Engine:
    """An engine on billing's database."""
    return database("billing")


def remember_contact(billing: sa.Engine, standing: str = "active", merged_into: str | None = None) -> str:
    """Let billing know a contact, as if it had heard of it; the new id."""
    contact_id = new_id()
    row = {
        "contact_id": contact_id,
        "display_name": "Bea Buyer",
        "standing": standing,
        "merged_into": merged_into,
        "version": 1,
        "complete": True,
    }
    with billing.begin() as connection:
        connection.execute(sa.insert(known_contacts).values(row))
    return contact_id


@pytest.fixture
def an_order_in() -> Callable[..., dict[str, Any]]:
    """`an_order_in(house)`: an order of a membership in a private house."""

    def build(house: LivingHouse, amount: int = 4900) -> dict[str, Any]:
        contact_id = remember_contact(house.database("billing"))
        price = {"amount": amount, "currency": "EUR"}
        gold = house.ask(packages.create_package, name="Gold", kind="membership", price=price)
        return house.ask(orders.place_order, contact_id=contact_id, items=[{"package_id": gold["id"]}])

    return build


@pytest.fixture
def a_buyer(billing: sa.Engine) -> Callable[..., str]:
    """`a_buyer(standing="active")`: the id of a contact that billing remembers."""

    def build(standing: str = "active", merged_into: str | None = None) -> str:
        return remember_contact(billing, standing, merged_into)

    return build


@pytest.fixture
def a_package(ask: Ask) -> Callable[..., dict[str, Any]]:
    """`a_package(kind="membership", amount=4900, currency="EUR", …)`: a package on sale."""

    def build(kind: str = "membership", amount: int = 4900, currency: str = "EUR", **more: Any) -> dict[str, Any]:
        price = {"amount": amount, "currency": currency}
        return ask(
            packages.create_package, **({"name": "Gold", "kind": kind, "price": price} | GIVES.get(kind, {}) | more)
        )

    return build


@pytest.fixture
def an_order(ask: Ask, a_buyer: Callable[..., str], a_package: Callable[..., dict[str, Any]]) -> Callable[..., Any]:
    """`an_order(kind="membership", amount=4900)`: an order of one such package by a new contact."""

    def build(**package: Any) -> dict[str, Any]:
        item = {"package_id": a_package(**package)["id"]}
        return ask(orders.place_order, contact_id=a_buyer(), items=[item])

    return build


@pytest.fixture
def a_card(ask: Ask) -> Callable[..., dict[str, Any]]:
    """`a_card(contact_id, token="tok_visa")`: what became of adding one."""

    def add(contact_id: str, token: str = "tok_visa", **more: Any) -> dict[str, Any]:
        return ask(cards.add_card, contact_id=contact_id, payment_method=token, **more)

    return add


@pytest.fixture
def told_of(billing: sa.Engine) -> Callable[[str], list[tuple[str, dict[str, Any]]]]:
    """`told_of(contact_id)`: the type and data of every event about the contact, in order."""
    events = sa.text("SELECT type, data FROM events WHERE subject = :contact ORDER BY seq")

    def read(contact_id: str) -> list[tuple[str, dict[str, Any]]]:
        with billing.connect() as connection:
            return [(row.type, row.data) for row in connection.execute(events, {"contact": contact_id})]

    return read

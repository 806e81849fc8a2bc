"""Giving back while others do: who waits for whom, and parts that are under way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from contracts.billing import credit, orders, packages, payments
from services.billing.cards import ProviderUnreachable
from services.billing.payments import actions, charging, refunding
from tests.builders.waiting import eventually
from tests.builders.works import a_clockwork
from tests.house.keeper import Servers
from tests.service.billing.renewing import Provider, Studio

pytestmark = pytest.mark.requirement("B06", "B15")
SUBSCRIPTIONS = "SELECT 1 FROM subscriptions WHERE contact_id = :contact FOR UPDATE"
CREDIT = "SELECT 1 FROM credit_accounts WHERE contact_id = :contact FOR UPDATE"
ORDER_NUMBERS = "SELECT 1 FROM counters WHERE name = 'order' FOR UPDATE"
NOTE_NUMBERS = "SELECT 1 FROM counters WHERE name = 'credit_note' FOR UPDATE"
SOMEBODY_WAITS = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
Doing = Callable[[], Any]


def euros(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


@pytest.fixture(scope="module")
def studio(servers: Servers) -> Iterator[Studio]:
    with a_clockwork(servers, "billing", now=dt.datetime(2027, 1, 31, 12, tzinfo=dt.UTC)) as clockwork:
        yield Studio(clockwork, Provider())


def ordered(studio: Studio, contact: str, **package: Any) -> dict[str, Any]:
    terms = {"name": "Silver", "kind": "membership", "price": euros(4900)} | package
    item = {"package_id": studio.ask(packages.create_package, **terms)["id"]}
    return studio.ask(orders.place_order, contact_id=contact, items=[item])


def paying_by_credit(studio: Studio, contact: str, package: str) -> Doing:
    studio.ask(credit.grant_credit, contact_id=contact, amount=euros(4900), reason="A gift")
    again = studio.ask(orders.place_order, contact_id=contact, items=[{"package_id": package}])
    return lambda: studio.ask(payments.take_payment, order_id=again["id"], method="account_credit")


def giving_back_as_credit(studio: Studio, contact: str, package: str) -> Doing:
    studio.ask(credit.grant_credit, contact_id=contact, amount=euros(1), reason="A gift")
    [order] = studio.ask(orders.list_orders, contact_id=contact)["items"]
    return lambda: studio.ask(payments.refund_order, order_id=order["id"], to="account_credit")


def giving_back_two_payments(studio: Studio, contact: str, package: str) -> Doing:
    order = ordered(studio, contact)
    for amount in (900, 4000):
        studio.ask(payments.take_payment, order_id=order["id"], method="cash", amount=euros(amount))
    return lambda: studio.ask(payments.refund_order, order_id=order["id"])


def ordering_for_nothing(studio: Studio, contact: str, package: str) -> Doing:
    [item] = ordered(studio, contact, price=euros(0))["items"]
    free = {"package_id": item["package_id"]}
    return lambda: studio.ask(orders.place_order, contact_id=contact, items=[free])


@pytest.mark.parametrize(
    ("waiting", "held", "free"),
    [
        (paying_by_credit, SUBSCRIPTIONS, CREDIT),
        (giving_back_as_credit, CREDIT, NOTE_NUMBERS),
        (giving_back_two_payments, SUBSCRIPTIONS, NOTE_NUMBERS),
        (ordering_for_nothing, SUBSCRIPTIONS, ORDER_NUMBERS),
    ],
    ids=lambda told: getattr(told, "__name__", ""),
)
def test_who_waits_holds_nothing_that_is_held_later(studio, waiting, held, free):
    """Subscriptions, then credit, then numbers: two who hold in one order never wait for each other."""
    member = studio.a_member(card=False)
    whose = {"contact": member["contact_id"]}
    do = waiting(studio, member["contact_id"], member["package_id"])
    with ThreadPoolExecutor(1) as pool:
        with studio.clockwork.work() as before:
            before.session.execute(sa.text(held), whose)
            done = pool.submit(do)
            with studio.clockwork.reading() as looking:
                eventually(lambda: looking.session.scalar(sa.text(SOMEBODY_WAITS)))
            with studio.clockwork.work() as other:
                other.session.execute(sa.text(f"{free} NOWAIT"), whose)
        done.result(10)


def test_an_item_is_taken_back_with_the_last_of_its_parts_that_is_given(studio, monkeypatch):
    def lost(*_: Any, **__: Any) -> None:
        raise ProviderUnreachable

    for room in (charging, refunding):
        monkeypatch.setattr(room, "provider_called", lambda _name: studio.provider)
    monkeypatch.setattr(actions, "default_provider", lambda: studio.provider)
    monkeypatch.setattr(studio.provider, "give_back", lost, raising=False)
    order = ordered(studio, studio.a_member(card=False)["contact_id"])
    [item] = order["items"]
    payment = studio.ask(payments.take_payment, order_id=order["id"], method="card", card_token="tok")
    under_way = []
    for part in (3000, 1900):
        asked = {"payment_id": payment["id"], "items": [{"item_id": item["id"], "amount": euros(part)}]}
        under_way.append(studio.ask(payments.refund_payment, **asked)["refunds"][-1])
    assert [refund["state"] for refund in under_way] == ["asking", "asking"]
    states = []
    for refund in under_way:
        with studio.clockwork.work() as work:
            refunding.settle_refund(work, {"payment_id": payment["id"], "refund_id": refund["id"]}, None)
        found = studio.ask(orders.list_assignments, contact_id=order["contact_id"])["items"]
        states += [one["state"] for one in found if one["id"] == item["assignment_id"]]
    assert states == ["active", "reversed"]

"""The run is killed when Stripe has decided and billing has not written it down: each is charged once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from contracts.billing import cards, invoices, orders, packages, payments, plans, subscriptions
from tests.builders.local_stripe import CHARGE_DECLINED, VISA, LocalStripe, local_stripe
from tests.builders.selling import GIVES
from tests.builders.waiting import eventually
from tests.house.keeper import Servers
from tests.house.living import LivingHouse
from tests.service.billing.collecting import THREE
from tests.service.billing.conftest import remember_contact

pytestmark = pytest.mark.requirement("B05", "B08", "B15")
RUN = "billing-events-jobs"
PRICE = {"amount": 9000, "currency": "EUR"}
RENEWAL_DUE = """
UPDATE subscriptions SET next_charge_on = current_date, expires_on = current_date - 1 WHERE contact_id = :id
"""
INSTALMENT_DUE = "UPDATE payment_plans SET next_charge_on = current_date WHERE contact_id = :id"
CHARGED = "SELECT provider_reference FROM payments WHERE recurring AND contact_id = :id"
NOW = "UPDATE payments SET ask_again_at = now() WHERE state = 'charging' AND contact_id = :id"


@pytest.fixture(scope="module")
def stripe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStripe]:
    with local_stripe(tmp_path_factory.mktemp("stripe")) as server:
        yield server


@pytest.fixture(scope="module")
def house(servers: Servers, stripe: LocalStripe) -> Iterator[LivingHouse]:
    roles = {"billing": ("rpc", "events,jobs")}
    living = LivingHouse(servers, services=["billing"], roles=roles, settings=stripe.settings)
    try:
        yield living.open()
    finally:
        living.close()


@pytest.fixture
def sold(house: LivingHouse, stripe: LocalStripe) -> Any:
    """`sold(number, …)`: an order, paid in cash as far as it is due, of somebody with that card on file."""

    def build(number: str, **terms: Any) -> dict[str, Any]:
        contact = remember_contact(house.database("billing"))
        house.ask(cards.add_card, contact_id=contact, payment_method=stripe.a_card(number))
        package = house.ask(packages.create_package, name="Gold", price=PRICE, **GIVES.get(terms["kind"], {}), **terms)
        by = {"payment_plan": {"key": "three"}} if "payment_plans" in terms else {}
        order = house.ask(orders.place_order, contact_id=contact, items=[{"package_id": package["id"]}], **by)
        if by:
            first = house.ask(plans.list_instalments, payment_plan_id=order["payment_plan_id"])["items"][0]
            house.ask(payments.pay_instalment, instalment_id=first["id"], method="cash")
        else:
            house.ask(payments.take_payment, order_id=order["id"], method="cash")
        return order

    return build


def change(house: LivingHouse, statement: str, order: dict[str, Any]) -> None:
    with house.database("billing").begin() as connection:
        connection.execute(sa.text(statement), {"id": order["contact_id"]})


def references(house: LivingHouse, order: dict[str, Any]) -> list[str]:
    with house.database("billing").connect() as connection:
        return list(connection.execute(sa.text(CHARGED), {"id": order["contact_id"]}).scalars())


@pytest.mark.parametrize(
    ("number", "state", "dues"),
    [(VISA, "taken", (0, 3000)), (CHARGE_DECLINED, "failed", (9000, 6000))],
    ids=["taken", "declined"],
)
def test_a_renewal_and_an_instalment_of_one_run_are_charged_once_each(house, stripe, sold, number, state, dues):
    member, learner = sold(number, kind="membership"), sold(number, kind="course", payment_plans=[THREE])
    with stripe.holding_back():
        change(house, RENEWAL_DUE, member)
        change(house, INSTALMENT_DUE, learner)
        eventually(lambda: stripe.has_decided(2))
        house.process(RUN).kill()
    unsure = [payment["state"] for order in (member, learner) for payment in recurring(house, order)]
    assert unsure == ["charging", "charging"], "Stripe has decided, and nobody wrote it down"
    house.start_again(RUN)
    for order, due in zip((member, learner), dues, strict=True):
        payment = eventually(lambda: decided(house, order), seconds=60)  # noqa: B023
        [reference] = references(house, order)
        assert [charge["status"] == "succeeded" for charge in stripe.charges(reference)] == [state == "taken"]
        assert (payment["state"], owed(house, order)) == (state, due)
    [renewal] = house.ask(subscriptions.list_renewals, contact_id=member["contact_id"])["items"]
    assert (renewal["state"], renewal["failures"]) == (("paid", 0) if state == "taken" else ("open", 1))
    second = house.ask(plans.list_instalments, payment_plan_id=learner["payment_plan_id"])["items"][1]
    assert (second["state"] == "paid", second["failures"]) == ((True, 0) if state == "taken" else (False, 1))


def recurring(house: LivingHouse, order: dict[str, Any]) -> list[dict[str, Any]]:
    found = house.ask(payments.list_payments, contact_id=order["contact_id"])["items"]
    return [payment for payment in found if payment["recurring"]]


def decided(house: LivingHouse, order: dict[str, Any]) -> dict[str, Any] | None:
    """The only payment of the run, once it is; nobody waits until the patience with the killed one runs out."""
    change(house, NOW, order)
    [payment] = recurring(house, order)
    return None if payment["state"] == "charging" else payment


def owed(house: LivingHouse, order: dict[str, Any]) -> int:
    found = house.ask(invoices.list_invoices, contact_id=order["contact_id"])["items"]
    return sum(invoice["due"]["amount"] for invoice in found)

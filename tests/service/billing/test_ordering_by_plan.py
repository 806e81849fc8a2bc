"""Orders on a payment plan, through the door: what is refused, and two at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from contracts.billing import accounts, credit, orders, payments, plans
from contracts.errors import Conflict, Invalid, NotFound, Stale
from tests.builders.at_once import at_once
from tests.service.billing.collecting import THREE
from tests.service.billing.test_charging import soon

pytestmark = pytest.mark.requirement("B08")


@pytest.fixture
def a_course(a_package):
    return lambda **more: a_package(**{"kind": "course", "amount": 10000, "payment_plans": [THREE]} | more)


@pytest.fixture
def on_plan(ask, a_buyer, a_course):
    """`on_plan()`: an order of a course by three instalments."""
    return lambda: ask(
        orders.place_order,
        contact_id=a_buyer(),
        items=[{"package_id": a_course()["id"]}],
        payment_plan={"key": "three"},
    )


@pytest.mark.parametrize(
    ("offered", "pointer"),
    [
        ([THREE | {"instalments": 0}], "/payment_plans/0/instalments"),
        ([THREE | {"instalments": 1}], "/payment_plans/0/instalments"),
        ([THREE | {"instalments": 10_000}], "/payment_plans/0/instalments"),
        ([THREE | {"instalments": 2**70}], "/payment_plans/0/instalments"),
        ([THREE | {"instalments": 2.5}], "/payment_plans/0/instalments"),
        ([THREE | {"interval": {"unit": "day"}}], "/payment_plans/0/interval/unit"),
        ([THREE | {"interval": {"unit": "month", "count": 0}}], "/payment_plans/0/interval/count"),
        ([THREE | {"key": "a\x00b"}], "/payment_plans/0/key"),
        ([THREE | {"key": ""}], "/payment_plans/0/key"),
        ([THREE | {"first_payment": {"amount": 10000}}], "/payment_plans/0/first_payment/amount"),
        ([THREE, THREE], "/payment_plans/1/key"),
        ([THREE | {"fee": 1}], "/payment_plans/0/fee"),
        (None, "/payment_plans"),
        ("three", "/payment_plans"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_by_field(a_course, offered, pointer):
    with pytest.raises(Invalid) as refused:
        a_course(payment_plans=offered)
    assert [error["pointer"] for error in refused.value.errors] == [pointer]


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"key": "of-another-package"}, "/payment_plan/key"),
        ({"key": ""}, "/payment_plan/key"),
        ({}, "/payment_plan/key"),
        ({"key": "three", "automatic": "yes"}, "/payment_plan/automatic"),
        (None, "/payment_plan"),
        ("three", "/payment_plan"),
    ],
)
def test_an_order_on_a_plan_that_it_cannot_have_is_refused_by_field(ask, a_buyer, a_course, asked, pointer):
    items = [{"package_id": a_course()["id"]}]
    with pytest.raises(Invalid) as refused:
        ask(orders.place_order, contact_id=a_buyer(), items=items, payment_plan=asked)
    assert [error["pointer"] for error in refused.value.errors] == [pointer]


def test_what_is_not_paid_by_the_plan_or_for_nothing_is_not_ordered_on_it(ask, a_buyer, a_course, a_package):
    towel, nothing = a_package(kind="product", amount=500), a_package(kind="trial", amount=0)
    four = a_course(payment_plans=[THREE | {"instalments": 4}])
    for items, pointer in (
        ([a_course(), towel], "/payment_plan/key"),
        ([a_course(), four], "/payment_plan/key"),
        ([nothing], "/payment_plan"),
    ):
        asked = [{"package_id": each["id"]} for each in items]
        with pytest.raises(Invalid) as refused:
            ask(orders.place_order, contact_id=a_buyer(), items=asked, payment_plan={"key": "three"})
        assert [error["pointer"] for error in refused.value.errors] == [pointer]
    both = [{"package_id": each["id"]} for each in (a_course(), a_course(), nothing)]
    order = ask(orders.place_order, contact_id=a_buyer(), items=both, payment_plan={"key": "three"})
    assert ask(plans.get_payment_plan, payment_plan_id=order["payment_plan_id"])["total"]["amount"] == 20000


@pytest.mark.requirement("B13")
def test_a_discount_is_taken_off_before_the_order_is_parted(ask, a_buyer, a_course):
    def placed(part: int) -> dict[str, Any]:
        course = a_course(payment_plans=[THREE | {"first_payment": {"amount": 2500}}])
        off = {"basis_points": part, "reason": "Opening week"}
        asked = {"items": [{"package_id": course["id"]}], "discount": off, "payment_plan": {"key": "three"}}
        return ask(orders.place_order, contact_id=a_buyer(), **asked)

    rows = ask(plans.list_instalments, payment_plan_id=placed(5000)["payment_plan_id"])["items"]
    assert [each["amount"]["amount"] for each in rows] == [2500, 1250, 1250]
    for part in (7500, 10_000):  # nothing is left for the others, or for anybody
        with pytest.raises(Invalid) as refused:
            placed(part)
        assert [error["pointer"] for error in refused.value.errors] == ["/payment_plan"]


@pytest.mark.requirement("B03", "B04", "B15")
def test_the_house_charges_the_card_on_file_when_the_day_has_come_and_gives_all_of_it_back(
    ask, on_plan, a_card, billing
):
    order = on_plan()
    a_card(order["contact_id"])
    plan_id, mine = order["payment_plan_id"], {"contact_id": order["contact_id"]}
    first = ask(plans.list_instalments, payment_plan_id=plan_id, limit=1)["items"][0]
    assert ask(payments.pay_instalment, instalment_id=first["id"], method="card")["state"] == "taken"
    with billing.begin() as connection:
        today = sa.text("UPDATE payment_plans SET next_charge_on = current_date - 1 WHERE id = :id")
        connection.execute(today, {"id": plan_id})
    assert soon(lambda: ask(plans.get_payment_plan, payment_plan_id=plan_id)["left"]["amount"] == 3333)
    assert [each["amount"]["amount"] for each in ask(payments.list_payments, **mine)["items"]] == [3333, 3334]
    given_back = ask(payments.refund_order, order_id=order["id"])
    assert (given_back["state"], given_back["refunded"]["amount"]) == ("cancelled", 6667)
    account = ask(accounts.get_account, **mine)
    assert (account["dues"], account["spent"], account["payment_plans"][0]["state"]) == ([], [], "cancelled")


@pytest.mark.requirement("B15")
def test_of_two_who_pay_an_instalment_at_once_one_does(ask, on_plan):
    order = on_plan()
    first, second, _ = ask(plans.list_instalments, payment_plan_id=order["payment_plan_id"])["items"]

    def pay(_: int) -> str:
        try:
            return ask(payments.pay_instalment, instalment_id=first["id"], method="cash")["state"]
        except Conflict as refusal:
            return str(refusal)

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(pay, range(4)))
    assert answers == ["The instalment is paid already."] * 3 + ["taken"]
    key = new_id()
    again = [ask(payments.pay_instalment, instalment_id=second["id"], method="cash", key=key) for _ in range(2)]
    assert again[0] == again[1]
    assert ask(plans.get_payment_plan, payment_plan_id=order["payment_plan_id"])["left"]["amount"] == 3333


def test_of_a_membership_ordered_by_a_plan_and_without_at_once_no_days_are_bought_ahead(ask, a_buyer, a_package):
    gold = a_package(cycle={"unit": "year"}, amount=12000, payment_plans=[THREE])
    asked = {"contact_id": a_buyer(), "items": [{"package_id": gold["id"]}]}
    by_plan = {"payment_plan": {"key": "three"}}
    calls = [
        lambda key, deadline, more=more: ask(orders.place_order, key=key, **asked, **more) for more in ({}, by_plan)
    ]
    placed = [each for each in at_once(calls * 4) if not isinstance(each, Conflict)]
    planned = [order for order in placed if order["payment_plan_id"] is not None]
    assert planned == placed[:1] if planned else len(placed) == 4


def test_instalments_are_paid_in_their_order_and_nobody_changes_what_somebody_else_did(ask, on_plan):
    order = on_plan()
    plan_id = order["payment_plan_id"]
    first, second, _ = ask(plans.list_instalments, payment_plan_id=plan_id)["items"]
    with pytest.raises(Conflict, match="number 1 is next"):
        ask(payments.pay_instalment, instalment_id=second["id"], method="cash")
    ask(payments.take_payment, order_id=order["id"], method="cash", amount={"amount": 4000, "currency": "EUR"})
    first, second, _ = ask(plans.list_instalments, payment_plan_id=plan_id)["items"]
    assert (first["state"], second["paid"]["amount"]) == ("paid", 666)  # whatever comes covers them in their order
    ask(credit.grant_credit, contact_id=order["contact_id"], amount={"amount": 3000, "currency": "EUR"}, reason="Gift")
    paid = ask(payments.pay_instalment, instalment_id=second["id"], method="account_credit")
    assert (paid["amount"]["amount"], paid["state"]) == (2667, "taken")
    with pytest.raises(Stale):
        ask(plans.change_payment_plan, payment_plan_id=plan_id, automatic=False, expected_version=1)
    assert ask(plans.change_payment_plan, payment_plan_id=plan_id, automatic=False)["next_charge_on"] is None


def test_what_nobody_knows_is_not_found_and_days_are_in_their_order(ask):
    for rpc, asked in (
        (payments.pay_instalment, {"instalment_id": new_id(), "method": "cash"}),
        (payments.pay_off_plan, {"payment_plan_id": new_id(), "method": "cash"}),
        (plans.change_payment_plan, {"payment_plan_id": new_id(), "automatic": True}),
        (plans.list_payment_plan_changes, {"payment_plan_id": new_id()}),
        (plans.get_instalment, {"instalment_id": new_id()}),
    ):
        with pytest.raises(NotFound):
            ask(rpc, **asked)
    with pytest.raises(Invalid) as refused:
        ask(plans.list_instalments, due_from="2027-02-02", due_until="2027-02-01")
    assert [error["pointer"] for error in refused.value.errors] == ["/due_until"]

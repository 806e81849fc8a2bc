"""A membership that the contact has is bought ahead on its terms, once, and nobody gets others than they may give."""

from __future__ import annotations

import threading

import pytest

from contracts.billing import orders, packages, payments, subscriptions as told
from contracts.errors import Conflict, Forbidden, Invalid
from services.billing.payments import actions

pytestmark = pytest.mark.requirement("B05", "B02")


def eur(amount):
    return {"amount": amount, "currency": "EUR"}


def ordered(studio, gold, **item):
    items = [{"package_id": gold["package_id"], **item}]
    return studio.ask(orders.place_order, contact_id=gold["contact_id"], items=items)


def test_what_is_sold_with_another_cycle_is_no_buying_ahead(studio):
    gold = studio.a_member()
    year = {"unit": "year", "count": 1}
    studio.ask(packages.change_package, package_id=gold["package_id"], cycle=year, price=eur(49000))
    with pytest.raises(Conflict, match="change the subscription") as refused:
        ordered(studio, gold)
    assert [error["pointer"] for error in refused.value.errors] == ["/items/0/package_id"]
    assert studio.now(gold) == gold


def test_what_was_ordered_before_the_terms_changed_is_as_many_days_as_were_sold(studio):
    gold = studio.a_member()
    order = ordered(studio, gold)
    year = {"unit": "year", "count": 1}
    studio.ask(told.change_subscription, subscription_id=gold["id"], cycle=year, price=eur(50000))
    studio.go("2027-02-28")
    assert studio.now(gold)["expires_on"] == "2028-02-27"
    studio.ask(payments.take_payment, order_id=order["id"], method="cash")
    ahead = studio.now(gold)
    assert (ahead["expires_on"], ahead["next_charge_on"]) == ("2028-03-27", "2028-03-28")


def test_so_many_cycles_that_the_calendar_ends_before_them_are_not_sold(studio):
    gold = studio.a_member(cycle={"unit": "year", "count": 120})
    items = [{"package_id": gold["package_id"], "quantity": 20}]

    def ordered_again():
        return studio.ask(orders.place_order, contact_id=gold["contact_id"], items=items)

    waiting = [ordered_again() for _ in range(3)]
    with pytest.raises(Invalid) as refused:
        ordered_again()
    assert [error["pointer"] for error in refused.value.errors] == ["/items/0/quantity"]
    for order in waiting:
        studio.ask(payments.take_payment, order_id=order["id"], method="cash")
    assert studio.now(gold)["expires_on"] == "9347-01-30"
    with pytest.raises(Invalid):
        ordered_again()


def test_two_orders_that_are_paid_at_once_begin_one_membership(studio):
    gold = studio.a_member()
    silver = studio.ask(packages.create_package, name="Silver", kind="membership", price=eur(100))
    one, other = (ordered(studio, gold | {"package_id": silver["id"]}) for _ in range(2))

    def pay(work, order):
        actions.take_payment(work, payments.take_payment.takes().load({"order_id": order["id"], "method": "cash"}))

    def pay_the_other():
        with studio.clockwork.work() as work:
            pay(work, other)

    beside = threading.Thread(target=pay_the_other)
    with studio.clockwork.work() as work:
        pay(work, one)
        work.session.flush()
        beside.start()
        beside.join(0.5)
        assert beside.is_alive()  # it waits for this one
    beside.join(10)
    has = studio.ask(told.list_subscriptions, contact_id=gold["contact_id"], package_id=silver["id"])["items"]
    assert [each["expires_on"] for each in has] == ["2027-03-27"]


def test_a_subscription_is_not_put_on_a_membership_that_the_contact_has_too(studio):
    gold = studio.a_member()
    silver = studio.ask(packages.create_package, name="Silver", kind="membership", price=eur(100))
    order = ordered(studio, gold | {"package_id": silver["id"]})
    studio.ask(payments.take_payment, order_id=order["id"], method="cash")
    with pytest.raises(Conflict, match="has that membership already") as refused:
        studio.ask(told.change_subscription, subscription_id=gold["id"], package_id=silver["id"])
    assert refused.value.errors[0]["pointer"] == "/package_id"


@pytest.mark.requirement("G05")
def test_a_seller_makes_no_prices_and_lets_nobody_out_of_a_commitment(ask, a_buyer, a_package):
    cheap, buyer = a_package(amount=900)["id"], a_buyer()
    item = {"package_id": a_package(commitment=12)["id"]}
    order = ask(orders.place_order, contact_id=buyer, items=[item])
    ask(payments.take_payment, order_id=order["id"], method="cash")
    (gold,) = ask(told.list_subscriptions, contact_id=buyer)["items"]
    own = {"cycle": {"unit": "year", "count": 1}, "price": eur(90000)}
    with pytest.raises(Forbidden, match=r"packages\.manage"):
        ask(told.change_subscription, subscription_id=gold["id"], **own, actor="sales")
    with pytest.raises(Forbidden, match=r"subscriptions\.force"):
        ask(told.change_subscription, subscription_id=gold["id"], package_id=cheap, actor="sales")
    dear = a_package(amount=9900)["id"]
    ask(told.change_subscription, subscription_id=gold["id"], package_id=dear, actor="sales")
    assert ask(told.change_subscription, subscription_id=gold["id"], **own)["planned"]["price"] == eur(90000)

"""What is done to a payment plan by hand leaves its days as they are: nobody is charged twice in a day or too early."""

from __future__ import annotations

import datetime as dt

import pytest

from contracts.billing import payments, plans
from tests.service.billing.collecting import Collecting

pytestmark = pytest.mark.requirement("B08")


@pytest.fixture
def collecting(studio) -> Collecting:
    return Collecting(studio)


def switch(collecting, order, *states):
    for automatic in states:
        collecting.ask(plans.change_payment_plan, payment_plan_id=order["payment_plan_id"], automatic=automatic)


def pay(collecting, order, amount):
    money = {"amount": amount, "currency": "EUR"}
    collecting.ask(payments.take_payment, order_id=order["id"], method="cash", amount=money)


def declined(collecting, until):
    order = collecting.an_order()
    collecting.provider.mood = "declines"
    collecting.studio.clockwork.now = dt.datetime(2027, 2, 27, 12, tzinfo=dt.UTC)
    collecting.live(until=until)
    return order


def test_what_failed_today_keeps_its_next_day_whether_switched_off_and_on_or_paid_in_part(collecting):
    order = declined(collecting, until="2027-03-01")
    tried = len(collecting.payments(order))
    for _ in range(2):
        switch(collecting, order, False, True)
        collecting.run()
    assert (len(collecting.payments(order)), collecting.plan(order)["next_charge_on"]) == (tried, "2027-03-03")
    pay(collecting, order, 1)
    assert collecting.plan(order)["next_charge_on"] == "2027-03-03"
    switch(collecting, order, False)
    collecting.live(until="2027-03-05")
    switch(collecting, order, True)  # its day went by meanwhile
    assert collecting.plan(order)["next_charge_on"] == "2027-03-05"


def test_who_paid_today_is_not_charged_today_when_it_is_switched_on(collecting):
    order = collecting.an_order()
    collecting.studio.clockwork.now = dt.datetime(2027, 4, 5, 12, tzinfo=dt.UTC)
    switch(collecting, order, False)
    collecting.pay_next(order)
    switch(collecting, order, True)
    collecting.run()
    assert (len(collecting.payments(order)), collecting.plan(order)["next_charge_on"]) == (2, "2027-04-06")


@pytest.mark.requirement("B06")
def test_what_failed_for_good_stays_past_due_while_an_earlier_one_is_given_back_and_paid_again(collecting):
    order = declined(collecting, until="2027-03-07")
    first = collecting.payments(order)[0]
    collecting.ask(payments.refund_payment, payment_id=first["id"], amount={"amount": 100, "currency": "EUR"})
    assert collecting.instalments(order)[0]["state"] == "due"
    collecting.pay_next(order)
    assert (collecting.instalments(order)[0]["state"], collecting.plan(order)["state"]) == ("paid", "past_due")
    switch(collecting, order, True, False, True)  # somebody wants it tried anew, though not today
    collecting.provider.mood = None
    collecting.run()
    assert (collecting.plan(order)["state"], collecting.plan(order)["next_charge_on"]) == ("active", "2027-03-08")
    switch(collecting, order, False)
    collecting.live(until="2027-03-08")
    assert collecting.plan(order)["state"] == "past_due"
    collecting.pay_next(order)
    assert collecting.plan(order)["state"] == "active"
    assert collecting.told(order).count("payment_plan.caught_up") == 1


@pytest.mark.requirement("B03")
def test_a_transfer_that_nobody_decides_about_holds_an_instalment_off_for_two_weeks(collecting):
    order, paid_otherwise = collecting.an_order(), collecting.an_order(begun=False)
    transfers = [collecting.pay_next(each, "bank_transfer") for each in (order, paid_otherwise)]
    collecting.live(until="2027-03-10")
    assert [each["state"] for each in collecting.payments(order)] == ["taken", "pending"]
    collecting.live(until="2027-03-28")
    assert [each["state"] for each in collecting.payments(order)] == ["taken", "failed", "taken"]
    left = [collecting.ask(payments.get_payment, payment_id=each["id"])["state"] for each in transfers]
    assert left == ["failed", "pending"], "what nobody would charge by itself is waited for"

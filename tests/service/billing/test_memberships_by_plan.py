"""A membership that is paid by instalments is bought, changed and cancelled so that nothing is had or owed twice."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.ids import new_id
from contracts.billing import invoices, orders, packages, payments, plans, sharing, subscriptions
from contracts.errors import Conflict
from services.billing.subscriptions.model import Subscription
from services.billing.subscriptions.seats import Seat
from tests.service.billing.collecting import THREE, Collecting

pytestmark = pytest.mark.requirement("B05", "B08")
A_YEAR = {"kind": "membership", "cycle": {"unit": "year"}}


@pytest.fixture
def collecting(studio) -> Collecting:
    return Collecting(studio)


def a_year(collecting, **more: Any) -> dict[str, Any]:
    return collecting.an_order(plan=THREE | {"instalments": 12}, **A_YEAR, **more)


def again(collecting, order, *, by_plan: bool):
    asked = {"payment_plan": {"key": "three"}} if by_plan else {}
    items = [{"package_id": order["items"][0]["package_id"]}]
    return collecting.ask(orders.place_order, contact_id=order["contact_id"], items=items, **asked)


def gold(collecting, order):
    [found] = collecting.ask(subscriptions.list_subscriptions, contact_id=order["contact_id"])["items"]
    return found


def is_refused(pointer, ask, *asked, **more):
    with pytest.raises(Conflict) as refusal:
        ask(*asked, **more)
    return [error["pointer"] for error in refusal.value.errors] == [pointer]


def test_what_is_bought_ahead_is_paid_in_one(collecting):
    order = a_year(collecting)
    assert is_refused("/payment_plan", again, collecting, order, by_plan=True)
    ahead = again(collecting, order, by_plan=False)
    assert is_refused("/payment_plan", again, collecting, order, by_plan=True)
    collecting.ask(payments.take_payment, order_id=ahead["id"], method="cash")
    assert gold(collecting, order)["expires_on"] == "2029-01-30"


def test_while_an_order_by_a_plan_awaits_its_first_instalment_there_is_no_other(collecting):
    order = a_year(collecting, begun=False)
    assert is_refused("/payment_plan", again, collecting, order, by_plan=True)
    assert is_refused("/items/0/package_id", again, collecting, order, by_plan=False)
    collecting.ask(orders.cancel_order, order_id=order["id"])
    again(collecting, order, by_plan=False)
    assert is_refused("/payment_plan", again, collecting, order, by_plan=True)


def test_other_terms_from_today_on_wait_until_the_days_ahead_are_paid_off(collecting):
    order = a_year(collecting)
    terms = {"kind": "membership", "cycle": {"unit": "year"}, "price": {"amount": 12000, "currency": "EUR"}}
    plus = collecting.ask(packages.create_package, name="Plus", **terms)
    asked = {"subscription_id": gold(collecting, order)["id"], "package_id": plus["id"]}
    assert is_refused("/when", collecting.ask, subscriptions.change_subscription, **asked, when="now")
    collecting.ask(payments.pay_off_plan, payment_plan_id=order["payment_plan_id"], method="cash")
    collecting.ask(subscriptions.change_subscription, **asked, when="now")
    assert collecting.dues(order) == 2000


def test_cancelled_now_the_rest_stays_owed_and_is_charged_by_itself_no_more(collecting):
    order = a_year(collecting)
    asked = {"subscription_id": gold(collecting, order)["id"]}
    collecting.ask(subscriptions.cancel_subscription, **asked)
    assert collecting.plan(order)["automatic"]
    collecting.ask(subscriptions.cancel_subscription, **asked, when="now")
    plan = collecting.plan(order)
    assert (plan["automatic"], plan["next_charge_on"], plan["state"]) == (False, None, "active")
    collecting.live(until="2027-03-02")
    assert (len(collecting.payments(order)), collecting.dues(order)) == (1, 9166)
    [line] = collecting.ask(plans.list_payment_plan_changes, payment_plan_id=plan["id"], limit=1)["items"]
    assert line["reason"] == "The membership was cancelled."


@pytest.mark.requirement("B07")
def test_written_off_it_is_over_but_not_where_its_days_are_and_others_are_paid(collecting):
    early, late, back, unpaid = (a_year(collecting, card=card) for card in (True, True, True, False))
    collecting.studio.go("2028-01-30")
    collecting.ask(invoices.write_off_invoice, invoice_id=early["invoice_id"], reason="Gone")
    collecting.studio.go("2028-01-31")  # the next year is charged whole
    [renewal] = collecting.ask(subscriptions.list_renewals, contact_id=back["contact_id"])["items"]
    [paid] = collecting.ask(payments.list_payments, renewal_id=renewal["id"])["items"]
    collecting.ask(payments.refund_payment, payment_id=paid["id"], to="account_credit")
    for order in (late, back, unpaid):
        collecting.ask(invoices.write_off_invoice, invoice_id=order["invoice_id"], reason="Was never asked for")
    every = (early, late, back, unpaid)
    states = [(gold(collecting, order)["state"], collecting.package(order)) for order in every]
    over = ("cancelled", "ended")
    assert states == [over, ("active", "active"), over, over]
    assert [collecting.dues(order) for order in every] == [0, 0, 0, 0]


@pytest.mark.requirement("B07", "B11")
@pytest.mark.parametrize(
    ("over", "reversed"),
    [
        (lambda ask, order: ask(invoices.write_off_invoice, invoice_id=order["invoice_id"], reason="Gone"), False),
        (lambda ask, order: ask(payments.refund_order, order_id=order["id"]), True),
    ],
    ids=["written off", "given back"],
)
def test_who_shares_it_has_had_it_where_the_rest_is_written_off(collecting, over, reversed):
    order = a_year(collecting, seats=2)
    clockwork = collecting.studio.clockwork
    with clockwork.work() as work:
        subscription = work.session.get_one(Subscription, gold(collecting, order)["id"])
        work.session.add(Seat(id=new_id(), subscription_id=subscription.id, contact_id=collecting.a_buyer(),
                              joined_at=work.now, added_by="Olive"))  # fmt: skip
        subscription.seats_taken = 2
    clockwork.told(sharing.shared_membership_left)
    over(collecting.ask, order)
    assert {left.data.reversed for left in clockwork.told(sharing.shared_membership_left)} == {reversed}

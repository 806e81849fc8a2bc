"""A membership that was paid for goes on by itself; what can be done with it, and what is refused."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from chassis.ids import new_id
from contracts.billing import accounts, orders, payments, subscriptions as told
from contracts.errors import Conflict, Forbidden, Invalid, NotFound, Stale

TODAY = dt.datetime.now(dt.UTC).date


@pytest.fixture
def subscribed(ask, a_buyer, a_package):
    """`subscribed(amount=4900, …)`: the subscription of somebody who bought such a membership just now."""

    def build(quantity: int = 1, contact_id: str | None = None, **terms: Any) -> dict[str, Any]:
        item = {"package_id": a_package(**terms)["id"], "quantity": quantity}
        contact_id = contact_id or a_buyer()
        order = ask(orders.place_order, contact_id=contact_id, items=[item])
        if order["state"] == "open":
            ask(payments.take_payment, order_id=order["id"], method="cash")
        return ask(told.list_subscriptions, contact_id=contact_id)["items"][0]

    return build


def after(ask, subscription, rpc, **more):
    return ask(rpc, subscription_id=subscription["id"], **more)


@pytest.mark.requirement("B05", "B02")
def test_it_begins_with_the_payment_on_the_terms_that_were_sold(ask, subscribed, told_of):
    gold = subscribed(quantity=2, commitment=6)
    first = TODAY()
    assert (gold["state"], gold["price"], gold["pricing_option"]) == (
        "active", {"amount": 4900, "currency": "EUR"}, "monthly",
    )  # fmt: skip
    assert gold["next_charge_on"] == (dt.date.fromisoformat(gold["expires_on"]) + dt.timedelta(1)).isoformat()
    assert gold["committed_until"] > gold["expires_on"] > (first + dt.timedelta(days=50)).isoformat()
    begun = [data for type, data in told_of(gold["contact_id"]) if type == "subscription.begun"]
    assert [data["subscription_id"] for data in begun] == [gold["id"]]
    (line,) = after(ask, gold, told.list_subscription_changes)["items"]
    assert (line["what"], line["by"]) == ("subscription.begun", "Olive Owner")
    assert ask(accounts.get_account, contact_id=gold["contact_id"])["subscriptions"] == [gold]
    assert after(ask, gold, told.get_subscription) == gold


@pytest.mark.requirement("B05")
def test_who_buys_the_same_again_buys_ahead_and_is_not_charged_twice(ask, subscribed):
    gold = subscribed()
    order = ask(
        orders.place_order, contact_id=gold["contact_id"], items=[{"package_id": gold["package_id"], "quantity": 2}]
    )  # fmt: skip
    ask(payments.take_payment, order_id=order["id"], method="cash")
    (ahead,) = ask(told.list_subscriptions, contact_id=gold["contact_id"])["items"]
    assert ahead["next_charge_on"] > (TODAY() + dt.timedelta(days=80)).isoformat()
    assert after(ask, gold, told.list_subscription_changes)["items"][0]["what"] == "subscription.prepaid"


@pytest.mark.requirement("B05")
def test_what_was_given_back_whole_does_not_go_on(ask, subscribed):
    gold = subscribed()
    (payment,) = ask(payments.list_payments, contact_id=gold["contact_id"])["items"]
    ask(payments.refund_payment, payment_id=payment["id"], reason="moved away")
    over = after(ask, gold, told.get_subscription)
    assert (over["state"], over["next_charge_on"]) == ("cancelled", None)


@pytest.mark.requirement("B05")
def test_a_pause_and_its_end_are_kept_in_the_history(ask, subscribed):
    gold = subscribed()
    soon = (TODAY() + dt.timedelta(days=9)).isoformat()
    later = (dt.date.fromisoformat(gold["expires_on"]) + dt.timedelta(days=9)).isoformat()
    paused = after(ask, gold, told.pause_subscription, resumes_on=soon, reason="a broken leg")
    assert (paused["state"], paused["resumes_on"], paused["expires_on"]) == ("paused", soon, later)
    again = after(ask, gold, told.resume_subscription)
    assert (again["state"], again["paused_on"], again["expires_on"]) == ("active", None, gold["expires_on"])
    resumed, line, _ = after(ask, gold, told.list_subscription_changes)["items"]
    assert (line["what"], line["reason"]) == ("subscription.paused", "a broken leg")
    assert line["changes"]["state"] == {"before": "active", "after": "paused"}
    assert resumed["changes"]["resumes_on"] == {"before": soon, "after": None}


@pytest.mark.requirement("B05")
def test_it_ends_with_what_is_paid_for_or_goes_on_after_all(ask, subscribed):
    gold = subscribed()
    ending = after(ask, gold, told.cancel_subscription, reason="moves away")
    assert (ending["state"], ending["ends_on"]) == ("active", gold["expires_on"])
    with pytest.raises(Conflict, match="cancelled already"):
        after(ask, gold, told.cancel_subscription)
    assert after(ask, gold, told.withdraw_cancellation)["ends_on"] is None
    with pytest.raises(Conflict, match="not cancelled"):
        after(ask, gold, told.withdraw_cancellation)


@pytest.mark.requirement("B05", "B01")
def test_a_commitment_is_kept_unless_somebody_who_may_forces_it(ask, subscribed):
    gold = subscribed(commitment=3)
    with pytest.raises(Conflict, match="committed until") as refused:
        after(ask, gold, told.cancel_subscription, when="now")
    assert refused.value.errors[0]["pointer"] == "/when"
    with pytest.raises(Forbidden):
        after(ask, gold, told.cancel_subscription, when="now", force=True, actor="sales")
    assert after(ask, gold, told.cancel_subscription)["ends_on"] == gold["committed_until"]
    today = TODAY()
    forced = after(ask, gold, told.cancel_subscription, when="now", force=True)
    assert forced["state"] == "cancelled"
    assert forced["ends_on"] in {day.isoformat() for day in (today, TODAY())}  # it may be midnight


@pytest.mark.requirement("B05", "C03")
def test_cancelled_now_it_is_over_and_so_is_what_it_gave(ask, subscribed, told_of):
    gold = subscribed()
    over = after(ask, gold, told.cancel_subscription, when="now", reason="no time")
    assert (over["state"], over["next_charge_on"]) == ("cancelled", None)
    types = [type for type, _ in told_of(gold["contact_id"])]
    assert types[-2:] == ["subscription.cancelled", "package.ended"]
    account = ask(accounts.get_account, contact_id=gold["contact_id"])
    assert [package["state"] for package in account["packages"]] == ["ended"]


@pytest.mark.requirement("B05")
def test_other_terms_hold_from_the_next_charge_on_or_now_for_the_difference(ask, subscribed, a_package):
    gold = subscribed()
    platinum = a_package(name="Platinum", amount=9900)["id"]
    planned = after(ask, gold, told.change_subscription, package_id=platinum)
    assert (planned["name"], planned["planned"]["price"]["amount"]) == ("Gold", 9900)
    assert after(ask, gold, told.withdraw_change)["planned"] is None
    asked = after(ask, gold, told.change_subscription, package_id=platinum, when="now")
    assert (asked["name"], asked["expires_on"], asked["planned"]["name"]) == ("Gold", gold["expires_on"], "Platinum")
    (renewal,) = ask(told.list_renewals, subscription_id=gold["id"])["items"]
    assert (renewal["due"]["amount"], renewal["state"]) == (5000, "open")  # nothing of the month was used up
    with pytest.raises(Conflict, match="charge is open"):
        after(ask, gold, told.pause_subscription)
    paid = ask(payments.pay_renewal, renewal_id=renewal["id"], method="cash")
    assert (paid["state"], paid["renewal_id"], paid["order_id"]) == ("taken", renewal["id"], None)
    changed = after(ask, gold, told.get_subscription)
    assert (changed["name"], changed["price"]["amount"], changed["planned"]) == ("Platinum", 9900, None)
    assert changed["expires_on"] == renewal["until_on"]
    assert ask(accounts.get_account, contact_id=gold["contact_id"])["dues"] == []
    assert len(ask(orders.list_orders, contact_id=gold["contact_id"])["items"]) == 1  # a charge is no order


@pytest.mark.requirement("B05", "B06")
def test_a_renewal_is_paid_once_given_back_in_part_and_waived(ask, subscribed, a_package, told_of):
    gold = subscribed()
    cycle = {"unit": "year", "count": 1}
    after(ask, gold, told.change_subscription, cycle=cycle, price={"amount": 30000, "currency": "EUR"}, when="now")
    (renewal,) = ask(told.list_renewals, contact_id=gold["contact_id"], state="open")["items"]
    with pytest.raises(Invalid, match="paid whole"):
        ask(payments.pay_renewal, renewal_id=renewal["id"], method="cash", amount={"amount": 1, "currency": "EUR"})
    pending = ask(payments.pay_renewal, renewal_id=renewal["id"], method="bank_transfer")
    with pytest.raises(Conflict, match="under way"):
        ask(payments.pay_renewal, renewal_id=renewal["id"], method="cash")
    ask(payments.approve_payment, payment_id=pending["id"])
    with pytest.raises(Conflict, match="paid already"):
        ask(told.waive_renewal, renewal_id=renewal["id"])
    some = {"amount": 100, "currency": "EUR"}
    ask(payments.refund_payment, payment_id=pending["id"], amount=some)
    found = ask(told.get_renewal, renewal_id=renewal["id"])
    assert (found["state"], found["refunded"]) == ("paid", some)
    assert after(ask, gold, told.get_subscription)["state"] == "active"
    after(ask, gold, told.change_subscription, package_id=a_package(amount=90000)["id"], when="now")
    (extra,) = ask(told.list_renewals, contact_id=gold["contact_id"], state="open")["items"]
    for _ in range(2):
        assert ask(told.waive_renewal, renewal_id=extra["id"])["state"] == "waived"
    assert ask(accounts.get_account, contact_id=gold["contact_id"])["dues"] == []
    types = [type for type, _ in told_of(gold["contact_id"])]
    assert types[-3:] == ["subscription.changed", "invoice.voided", "renewal.waived"]


REFUSED = [
    ("pause_subscription", {"resumes_on": "2020-01-01"}, Invalid, "/resumes_on"),  # before it begins
    ("pause_subscription", {"resumes_on": "9999-12-31"}, Invalid, "/resumes_on"),
    ("pause_subscription", {"resumes_on": "tomorrow"}, Invalid, "/resumes_on"),
    ("resume_subscription", {}, Conflict, "/subscription_id"),  # it is not paused
    ("withdraw_cancellation", {}, Conflict, "/subscription_id"),
    ("withdraw_change", {}, Conflict, "/subscription_id"),
    ("change_subscription", {}, Invalid, "/package_id"),
    ("change_subscription", {"package_id": new_id()}, Invalid, "/package_id"),  # nobody's
    ("change_subscription", {"cycle": {"unit": "day", "count": 0}}, Invalid, "/cycle/count"),
    ("change_subscription", {"cycle": {"unit": "day", "count": 2}}, Invalid, "/price"),
    ("change_subscription", {"price": {"amount": 1, "currency": "EUR"}}, Invalid, "/cycle"),
    ("change_subscription", {"price": {"amount": -1, "currency": "EUR"}}, Invalid, "/price/amount"),
    ("change_subscription", {"cycle": {"unit": "day"}, "price": {"amount": 1, "currency": "CHF"}}, Invalid,
     "/price/currency"),
    ("change_subscription", {"cycle": {"unit": "day"}, "price": {"amount": 1, "currency": "EUR"}, "when": "now"},
     Invalid, "/when"),  # a month is paid for
    ("cancel_subscription", {"when": "yesterday"}, Invalid, "/when"),
    ("cancel_subscription", {"force": "yes"}, Invalid, "/force"),
]  # fmt: skip


@pytest.fixture(scope="module")
def standing(house):
    """A subscription that no refused request changes."""
    price = {"amount": 4900, "currency": "EUR"}
    from contracts.billing import packages
    from tests.service.billing.conftest import remember_contact

    gold = house.ask(packages.create_package, name="Gold", kind="membership", price=price)
    buyer = remember_contact(house.database("billing"))
    order = house.ask(orders.place_order, contact_id=buyer, items=[{"package_id": gold["id"]}])
    house.ask(payments.take_payment, order_id=order["id"], method="cash")
    return house.ask(told.list_subscriptions, contact_id=buyer)["items"][0]


@pytest.mark.requirement("B05", "G06")
@pytest.mark.parametrize(("rpc", "asked", "refusal", "pointer"), REFUSED)
def test_what_makes_no_sense_is_refused_at_its_place(ask, standing, rpc, asked, refusal, pointer):
    with pytest.raises(refusal) as refused:
        after(ask, standing, getattr(told, rpc), **asked)
    assert pointer in [error["pointer"] for error in refused.value.errors]
    assert after(ask, standing, told.get_subscription) == standing


OVER = ("pause_subscription", "resume_subscription", "change_subscription", "cancel_subscription",
        "withdraw_cancellation", "withdraw_change")  # fmt: skip


@pytest.mark.requirement("B05", "G06")
def test_what_is_over_stays_over(ask, subscribed):
    gold = subscribed()
    after(ask, gold, told.cancel_subscription, when="now")
    for rpc in OVER:
        with pytest.raises(Conflict, match="is cancelled already") as refused:
            after(ask, gold, getattr(told, rpc))
        assert refused.value.errors[0]["pointer"] == "/subscription_id"


@pytest.mark.requirement("G06")
def test_a_lost_update_and_an_unknown_id_are_refused(ask, standing):
    with pytest.raises(Stale):
        after(ask, standing, told.pause_subscription, expected_version=standing["version"] + 1)
    for rpc in (told.get_subscription, told.list_subscription_changes, told.pause_subscription):
        with pytest.raises(NotFound):
            ask(rpc, subscription_id=new_id())
    for rpc in (told.get_renewal, told.waive_renewal):
        with pytest.raises(NotFound):
            ask(rpc, renewal_id=new_id())
    with pytest.raises(NotFound):
        ask(payments.pay_renewal, renewal_id=new_id(), method="cash")


@pytest.mark.requirement("B05")
def test_what_costs_nothing_goes_on_and_can_be_put_on_terms_that_cost(ask, subscribed, a_package):
    free = subscribed(amount=0)
    assert (free["state"], free["expires_on"], free["next_charge_on"]) == ("active", None, None)
    planned = after(ask, free, told.change_subscription, package_id=a_package()["id"])
    assert planned["next_charge_on"] > TODAY().isoformat()
    assert after(ask, free, told.withdraw_change)["next_charge_on"] is None
    assert after(ask, free, told.cancel_subscription)["ends_on"] > TODAY().isoformat()

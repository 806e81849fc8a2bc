"""Subscriptions through the years: the clock is moved, nobody waits."""

from __future__ import annotations

import datetime as dt

import pytest

from contracts.billing import accounts, cards, invoices, packages, payments, subscriptions as told, taxes
from contracts.billing.orders import place_order
from contracts.errors import Conflict
from services.billing.payments import charging

pytestmark = pytest.mark.requirement("B05")


def test_the_day_begins_where_the_business_is(studio):
    gold = studio.a_member(cycle={"unit": "week"})
    assert gold["next_charge_on"] == "2027-02-07"
    studio.clockwork.now = dt.datetime(2027, 2, 7, 7, 59, tzinfo=dt.UTC)  # a minute to midnight
    studio.run()
    assert studio.renewals(gold) == []
    studio.clockwork.now = dt.datetime(2027, 2, 7, 8, 0, tzinfo=dt.UTC)
    studio.run()
    assert [renewal["state"] for renewal in studio.renewals(gold)] == ["paid"]


def test_a_declined_card_is_tried_after_one_three_and_seven_days_and_then_it_is_past_due(studio):
    gold = studio.a_member()
    studio.provider.mood = "declines"
    studio.live(until="2027-03-06")
    assert studio.now(gold)["state"] == "active"
    studio.go("2027-03-07")
    late = studio.now(gold)
    assert (late["state"], late["past_due_since"]) == ("past_due", "2027-03-07")
    (renewal,) = studio.renewals(gold)
    assert (renewal["failures"], renewal["next_try_on"], renewal["reason"]) == (4, None, "card_declined")
    tries = studio.ask(payments.list_payments, renewal_id=renewal["id"])["items"]
    assert sorted(each["asked_at"][:10] for each in tries) == ["2027-02-28", "2027-03-01", "2027-03-03", "2027-03-07"]
    assert {each["recurring"] for each in tries} == {True}
    studio.provider.mood = None
    studio.ask(payments.pay_renewal, renewal_id=renewal["id"], method="card")
    again = studio.now(gold)
    assert (again["state"], again["expires_on"], again["next_charge_on"]) == ("active", "2027-03-30", "2027-03-31")


def test_the_next_charge_is_one_that_comes(studio):
    gold = studio.a_member()
    ending = studio.ask(told.cancel_subscription, subscription_id=gold["id"])
    assert (ending["ends_on"], ending["next_charge_on"]) == ("2027-02-27", None)
    on = studio.ask(told.withdraw_cancellation, subscription_id=gold["id"])
    assert on["next_charge_on"] == gold["next_charge_on"] == "2027-02-28"
    studio.provider.mood = "declines"
    named = []
    for day in ("2027-02-28", "2027-03-01", "2027-03-03", "2027-03-07"):
        studio.go(day)
        named.append(studio.now(gold)["next_charge_on"])
    assert named == ["2027-03-01", "2027-03-03", "2027-03-07", None]
    *_, event = studio.clockwork.told(told.subscription_past_due)
    assert (event.subject, event.data["next_charge_on"]) == (gold["contact_id"], None)
    account = studio.ask(accounts.get_account, contact_id=gold["contact_id"])
    listed = studio.ask(told.list_subscriptions, contact_id=gold["contact_id"])["items"]
    assert account["subscriptions"] == listed == [studio.now(gold)]


def test_a_commitment_beyond_the_paid_days_is_charged_until_it_ends(studio):
    gold = studio.a_member(commitment=3)
    ending = studio.ask(told.cancel_subscription, subscription_id=gold["id"])
    assert (ending["ends_on"], ending["next_charge_on"]) == ("2027-04-29", "2027-02-28")


def test_cancelled_now_it_expires_that_day_wherever_it_is_said(studio):
    gold = studio.a_member()
    over = studio.ask(told.cancel_subscription, subscription_id=gold["id"], when="now")
    (package,) = studio.ask(accounts.get_account, contact_id=gold["contact_id"])["packages"]
    *_, event = studio.clockwork.told(told.subscription_cancelled)
    said = (over["expires_on"], package["expires_on"], str(event.data["expires_on"]))
    assert (event.subject, said) == (gold["contact_id"], ("2027-01-31",) * 3)


def test_what_is_paid_after_its_cycle_is_over_begins_with_the_payment(studio):
    gold = studio.a_member()
    studio.provider.mood = "declines"
    for day in ("2027-02-28", "2027-03-01", "2027-03-03", "2027-03-07", "2027-04-02"):
        studio.go(day)
    (renewal,) = studio.renewals(gold)  # past due, it is charged no further
    studio.ask(payments.pay_renewal, renewal_id=renewal["id"], method="cash")
    again = studio.now(gold)
    assert (again["expires_on"], again["next_charge_on"]) == ("2027-05-01", "2027-05-02")


def test_without_a_card_it_goes_on_as_an_open_due_and_at_last_expires(studio):
    gold = studio.a_member(card=False)
    studio.live(until="2027-03-07")
    assert studio.now(gold)["state"] == "past_due"
    (renewal,) = studio.renewals(gold)
    assert (renewal["state"], renewal["due"]["amount"]) == ("open", 4900)
    studio.live(until="2027-04-05")
    assert studio.now(gold)["state"] == "past_due"
    studio.go("2027-04-06")
    assert (studio.now(gold)["state"], studio.now(gold)["next_charge_on"]) == ("expired", None)
    account = studio.ask(accounts.get_account, contact_id=gold["contact_id"])
    assert (account["dues"], account["packages"][0]["state"]) == ([], "ended")  # what was not given is not owed
    with pytest.raises(Conflict, match="waived already"):
        studio.ask(payments.pay_renewal, renewal_id=renewal["id"], method="cash")


def test_a_card_that_comes_late_is_charged_on_the_next_day_of_the_schedule(studio):
    gold = studio.a_member(card=False)
    studio.go("2027-02-28")
    studio.ask(cards.add_card, contact_id=gold["contact_id"], payment_method="tok")
    studio.go("2027-03-01")
    assert [renewal["state"] for renewal in studio.renewals(gold)] == ["paid"]


def test_a_pause_in_the_middle_of_a_cycle_moves_expiry_and_charge(studio):
    gold = studio.a_member()
    studio.go("2027-02-10")
    studio.ask(told.pause_subscription, subscription_id=gold["id"], resumes_on="2027-03-05")
    studio.live(until="2027-03-04")
    assert (studio.now(gold)["state"], studio.renewals(gold)) == ("paused", [])
    studio.go("2027-03-05")
    again = studio.now(gold)
    assert (again["state"], again["expires_on"], again["next_charge_on"]) == ("active", "2027-03-22", "2027-03-23")
    studio.live(until="2027-04-23")
    assert [renewal["starts_on"] for renewal in studio.renewals(gold)] == ["2027-03-23", "2027-04-23"]


def test_renewals_keep_the_price_that_was_sold_until_other_terms_are_agreed(studio):
    gold = studio.a_member()
    studio.ask(packages.change_package, package_id=gold["package_id"], price={"amount": 9900, "currency": "EUR"})
    studio.go("2027-02-28")
    studio.ask(told.change_subscription, subscription_id=gold["id"], package_id=gold["package_id"])
    studio.go("2027-03-31")
    assert [renewal["amount"]["amount"] for renewal in studio.renewals(gold)] == [4900, 9900]
    what = studio.ask(told.list_subscription_changes, subscription_id=gold["id"])["items"]
    assert [line["what"].removeprefix("subscription.") for line in what] == [
        "renewed", "changed", "change_planned", "renewed", "begun",
    ]  # fmt: skip


def test_a_change_in_the_middle_of_a_cycle_is_charged_less_what_is_left(studio):
    gold = studio.a_member(price={"amount": 2800, "currency": "EUR"})
    studio.go("2027-02-14")
    dear = studio.ask(
        packages.create_package, name="Year", kind="membership", cycle={"unit": "year"},
        price={"amount": 30000, "currency": "EUR"},
    )  # fmt: skip
    studio.ask(told.change_subscription, subscription_id=gold["id"], package_id=dear["id"], when="now")
    studio.run()
    (renewal,) = studio.renewals(gold)
    assert (renewal["state"], renewal["amount"]["amount"]) == ("paid", 30000 - 1400)  # 14 of 28 days are left
    assert (renewal["starts_on"], studio.now(gold)["next_charge_on"]) == ("2027-02-14", "2028-02-14")


def test_it_ends_with_the_cycle_in_which_it_was_cancelled(studio):
    gold = studio.a_member()
    studio.go("2027-02-10")
    assert studio.ask(told.cancel_subscription, subscription_id=gold["id"])["ends_on"] == "2027-02-27"
    studio.live(until="2027-03-10")
    assert (studio.now(gold)["state"], studio.renewals(gold)) == ("cancelled", [])
    assert studio.ask(accounts.get_account, contact_id=gold["contact_id"])["packages"][0]["state"] == "ended"


def test_a_commitment_is_charged_to_its_end(studio):
    gold = studio.a_member(commitment=3)
    assert studio.ask(told.cancel_subscription, subscription_id=gold["id"])["ends_on"] == "2027-04-29"
    studio.live(until="2027-05-10")
    assert [renewal["starts_on"] for renewal in studio.renewals(gold)] == ["2027-02-28", "2027-03-31"]
    assert studio.now(gold)["state"] == "cancelled"


def test_days_bought_ahead_are_not_charged_and_pay_what_was_open(studio):
    gold = studio.a_member()
    studio.provider.mood = "declines"
    for day in ("2027-02-28", "2027-03-01", "2027-03-03", "2027-03-07"):
        studio.go(day)
    item = {"package_id": gold["package_id"], "quantity": 2}
    order = studio.ask(place_order, contact_id=gold["contact_id"], items=[item])
    studio.ask(payments.take_payment, order_id=order["id"], method="cash")
    ahead = studio.now(gold)
    assert (ahead["state"], ahead["expires_on"], ahead["open_renewal_id"]) == ("active", "2027-05-06", None)
    assert studio.ask(accounts.get_account, contact_id=gold["contact_id"])["dues"] == []


@pytest.mark.requirement("B15")
def test_an_answer_that_was_lost_is_asked_for_again_and_the_money_taken_once(studio):
    gold = studio.a_member()
    studio.provider.mood = "loses"
    studio.go("2027-02-28")
    (renewal,) = studio.renewals(gold)
    assert renewal["state"] == "open"
    with pytest.raises(Conflict, match="under way"):
        studio.ask(payments.pay_renewal, renewal_id=renewal["id"], method="cash")
    studio.provider.mood = None
    studio.clockwork.now += charging.PATIENCE
    studio.run()
    assert [each["state"] for each in studio.renewals(gold)] == ["paid"]
    assert sum(studio.provider.taken.values()) == 1
    assert len(studio.ask(payments.list_payments, renewal_id=renewal["id"])["items"]) == 1


def test_an_outage_of_weeks_is_not_charged_for(studio):
    gold = studio.a_member(cycle={"unit": "day"})
    studio.go("2027-02-20")
    (renewal,) = studio.renewals(gold)
    assert (renewal["starts_on"], studio.now(gold)["next_charge_on"]) == ("2027-02-20", "2027-02-21")


@pytest.mark.requirement("B07", "B02")
def test_each_cycle_has_its_invoice_with_the_tax_that_was_sold(studio):
    rate = studio.ask(taxes.create_tax_rate, name="VAT", basis_points=2000, inclusive=False)
    gold = studio.a_member(tax_rate_id=rate["id"])
    studio.go("2027-02-28")
    (renewal,) = studio.renewals(gold)
    assert renewal["amount"]["amount"] == 5880
    (invoice,) = studio.ask(invoices.list_invoices, cause_id=renewal["id"])["items"]
    assert (invoice["cause"], invoice["state"], invoice["tax"]["amount"]) == ("renewal", "paid", 980)
    (payment,) = studio.ask(payments.list_payments, renewal_id=renewal["id"])["items"]
    assert payment["amount"]["amount"] == 5880
    assert studio.ask(accounts.get_account, contact_id=gold["contact_id"])["dues"] == []


@pytest.mark.requirement("B07")
@pytest.mark.parametrize(
    ("close", "state", "expires_on"),
    [
        (invoices.void_invoice, "waived", "2027-03-30"),  # as good as paid
        (invoices.write_off_invoice, "written_off", "2027-02-27"),  # lost, and the days are not given
    ],
)
def test_an_invoice_of_a_cycle_that_is_closed_closes_the_cycle(studio, close, state, expires_on):
    gold = studio.a_member(card=False)
    studio.go("2027-02-28")
    (renewal,) = studio.renewals(gold)
    (invoice,) = studio.ask(invoices.list_invoices, cause_id=renewal["id"])["items"]
    studio.ask(close, invoice_id=invoice["id"], reason="a mistake")
    assert [each["state"] for each in studio.renewals(gold)] == [state]
    now = studio.now(gold)
    assert (now["expires_on"], now["open_renewal_id"], now["state"]) == (expires_on, None, "active")
    assert studio.ask(accounts.get_account, contact_id=gold["contact_id"])["dues"] == []


@pytest.mark.requirement("B03")
def test_a_transfer_that_nobody_decides_about_holds_the_charge_off_for_two_weeks_however_often_it_is_announced(studio):
    gold = studio.a_member()
    studio.provider.mood = "declines"
    studio.go("2027-02-28")
    (renewal,) = studio.renewals(gold)
    announced = {"rpc": payments.pay_renewal, "renewal_id": renewal["id"], "method": "bank_transfer"}
    first = studio.ask(**announced)
    studio.provider.mood = None
    studio.go("2027-03-10")
    studio.ask(payments.cancel_payment, payment_id=first["id"])
    second = studio.ask(**announced)
    studio.go("2027-03-14")
    assert [each["state"] for each in studio.renewals(gold)] == ["open"]
    studio.go("2027-03-15")
    assert [each["state"] for each in studio.renewals(gold)] == ["paid"]
    lapsed = studio.ask(payments.get_payment, payment_id=second["id"])
    assert (lapsed["state"], lapsed["reason"]) == ("failed", "lapsed")
    with pytest.raises(Conflict, match="take the payment anew"):
        studio.ask(payments.approve_payment, payment_id=second["id"])

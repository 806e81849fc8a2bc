"""Trials that are over, and memberships that go on."""

from __future__ import annotations

import datetime as dt

import pytest

from contracts.billing import accounts, orders, payments


@pytest.mark.requirement("B01", "C24")
@pytest.mark.parametrize("cancelled", [True, False], ids=["cancelled", "refunded"])
def test_a_trial_that_is_taken_back_is_told_and_makes_no_lead_again(ask, an_order, told_of, cancelled):
    order = an_order(kind="trial", name="Two weeks", amount=1000, valid_days=14)
    if cancelled:
        ask(orders.cancel_order, order_id=order["id"])
    else:
        payment = ask(payments.take_payment, order_id=order["id"], method="cash")
        ask(payments.refund_payment, payment_id=payment["id"], reason="broke a leg")
    told = dict(told_of(order["contact_id"]))
    assert told["trial.ended"]["assignment_id"] == told["package.assigned"]["assignment_id"]
    assert told["trial.ended"]["reason"] == ("the order was cancelled" if cancelled else "broke a leg")
    assert "package.reversed" not in told  # nobody became a customer by it


@pytest.mark.requirement("B05")
def test_a_membership_paid_again_goes_on_from_its_last_day(ask, a_package, a_buyer):
    quarterly, contact = a_package(cycle={"unit": "day", "count": 90}), a_buyer()
    for _ in range(2):
        order = ask(orders.place_order, contact_id=contact, items=[{"package_id": quarterly["id"]}])
        ask(payments.take_payment, order_id=order["id"], method="cash")
    again, first = ask(accounts.get_account, contact_id=contact)["packages"]
    since = dt.date.fromisoformat(first["since"])
    lasts = [(dt.date.fromisoformat(each["expires_on"]) - since).days for each in (first, again)]
    assert (lasts, again["pricing_option"]) == ([89, 179], "every 90 days")

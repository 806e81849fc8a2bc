"""Through three services: a paid package takes the card to Won, a trial and a pending transfer do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from contracts.billing import orders, packages, payments
from contracts.pipeline import leads
from tests.builders.people import a_lead
from tests.house.hearing import Subscriber

Ask = Callable[..., Any]


@pytest.fixture
def listener(subscriber: Callable[..., Subscriber]) -> Subscriber:
    return subscriber("pipeline.events", "lead.#")


@pytest.fixture
def an_order(ask: Ask) -> Callable[..., str]:
    def build(contact_id: str, kind: str = "membership") -> str:
        package = ask(packages.create_package, name="Gold", kind=kind, price={"amount": 4900, "currency": "EUR"})
        items = [{"package_id": package["id"]}]
        return ask(orders.place_order, contact_id=contact_id, items=items)["id"]

    return build


@pytest.mark.requirement("P07", "C03")
def test_a_lead_that_pays_is_won_and_a_refund_brings_it_back(
    ask: Ask, listener: Subscriber, an_order: Callable[..., str]
) -> None:
    ana = a_lead(ask)["id"]
    payment = ask(payments.take_payment, order_id=an_order(ana), method="cash")["id"]
    won = listener.wait_for("lead.won", subject=ana)
    assert "Gold" in won.data["reason"]
    lead = ask(leads.get_lead, contact_id=ana)
    assert (lead["stage"], lead["status"]) == ("Won", "converted")
    assert ask(leads.list_moves, contact_id=ana)["items"][0]["reason"] == won.data["reason"]

    ask(payments.refund_payment, payment_id=payment, reason="changed her mind")
    reopened = listener.wait_for("lead.reopened", subject=ana)
    assert (reopened.data["stage"], "changed her mind" in reopened.data["reason"]) == ("New", True)
    lead = ask(leads.get_lead, contact_id=ana)
    assert (lead["stage"], lead["status"]) == ("New", "new")


@pytest.mark.requirement("P07", "B03")
def test_a_trial_and_an_unapproved_transfer_leave_the_card_where_it_is(
    ask: Ask, listener: Subscriber, an_order: Callable[..., str]
) -> None:
    tried, pending = a_lead(ask)["id"], a_lead(ask)["id"]
    ask(payments.take_payment, order_id=an_order(tried, kind="trial"), method="cash")
    payment = ask(payments.take_payment, order_id=an_order(pending), method="bank_transfer")["id"]
    paying = a_lead(ask)["id"]
    ask(payments.take_payment, order_id=an_order(paying), method="cash")
    listener.wait_for("lead.won", subject=paying)
    for contact_id in (tried, pending):
        assert ask(leads.get_lead, contact_id=contact_id)["stage"] == "New"
    ask(payments.approve_payment, payment_id=payment)
    listener.wait_for("lead.won", subject=pending)
    assert ask(leads.get_lead, contact_id=tried)["stage"] == "New"

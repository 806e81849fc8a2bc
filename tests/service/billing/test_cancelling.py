"""An order that nobody paid can be taken back, and is owed by nobody then."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from chassis.actor import Actor
from contracts.billing import accounts, orders, payments
from contracts.errors import Conflict, Forbidden, Invalid, Problem
from tests.builders.at_once import at_once

STAFF = Actor("01990000-0000-7000-8000-00000000000b", "staff", "Stan Staff")


@pytest.mark.requirement("B06", "B15")
def test_an_unpaid_order_is_cancelled_once_and_owed_no_longer(ask, an_order, told_of):
    order = an_order(amount=4900)
    contact = order["contact_id"]
    calls = [partial(ask, orders.cancel_order, order_id=order["id"], reason="a slip of the hand") for _ in range(4)]
    *refused, cancelled = sorted(at_once(calls, workers=4), key=lambda answer: isinstance(answer, dict))
    assert [refusal.detail for refusal in refused] == [f"Order {order['number']} is cancelled already."] * 3
    assert cancelled == ask(orders.get_order, order_id=order["id"])
    assert (cancelled["state"], cancelled["due"]["amount"], cancelled["credited"]["amount"]) == ("cancelled", 0, 4900)
    account = ask(accounts.get_account, contact_id=contact)
    assert [due["amount"] for due in account["dues"]] in ([], [0])
    assert [package["state"] for package in account["packages"]] == ["cancelled"]
    types = [type for type, _ in told_of(contact)]
    assert types == ["package.assigned", "order.placed", "invoice.issued", "invoice.voided", "order.cancelled"]
    assert told_of(contact)[-1][1]["reason"] == "a slip of the hand"
    with pytest.raises(Conflict, match="nothing due"):
        ask(payments.take_payment, order_id=order["id"], method="cash")


@pytest.mark.requirement("B06", "B15")
def test_an_order_with_money_in_it_is_not_cancelled_until_that_is_given_back(ask, an_order):
    order = an_order(amount=4900)
    part = {"amount": 900, "currency": "EUR"}
    pending = ask(payments.take_payment, order_id=order["id"], method="bank_transfer", amount=part)
    with pytest.raises(Conflict, match="under way"):
        ask(orders.cancel_order, order_id=order["id"])
    ask(payments.approve_payment, payment_id=pending["id"])
    with pytest.raises(Conflict, match="give that back first"):
        ask(orders.cancel_order, order_id=order["id"])
    ask(payments.refund_payment, payment_id=pending["id"])
    cancelled = ask(orders.cancel_order, order_id=order["id"])
    assert (cancelled["state"], cancelled["due"]["amount"]) == ("cancelled", 0)
    paid = an_order()
    ask(payments.take_payment, order_id=paid["id"], method="cash")
    with pytest.raises(Conflict, match="is paid already"):
        ask(orders.cancel_order, order_id=paid["id"])
    with pytest.raises(Forbidden):
        ask(orders.cancel_order, actor=STAFF, order_id=paid["id"])


@pytest.mark.requirement("B06", "B13", "P07")
def test_what_was_had_for_nothing_is_taken_back_by_cancelling(ask, a_package, a_buyer, told_of):
    contact, free = a_buyer(), {"basis_points": 10_000, "reason": "A prize"}
    items = [{"package_id": a_package(kind=kind, amount=4900)["id"]} for kind in ("membership", "course")]
    order = ask(orders.place_order, contact_id=contact, items=items, discount=free)
    assert order["state"] == "paid"
    ask(payments.refund_order, order_id=order["id"], items=[{"item_id": order["items"][1]["id"]}], reason="Too much")
    assert told_of(contact)[-1][0] == "package.reversed"
    with pytest.raises(Invalid, match="given back already"):
        ask(payments.refund_order, order_id=order["id"], items=[{"item_id": order["items"][1]["id"]}])
    cancelled = ask(orders.cancel_order, order_id=order["id"], reason="The wrong winner")
    assert (cancelled["state"], cancelled["credited"]["amount"]) == ("cancelled", 0)
    assert {package["state"] for package in ask(accounts.get_account, contact_id=contact)["packages"]} == {"reversed"}
    ends = ["subscription.cancelled", "package.reversed", "order.cancelled"]
    told = told_of(contact)[-3:]
    assert ([type for type, _ in told], {data["reason"] for _, data in told}) == (ends, {"The wrong winner"})
    with pytest.raises(Conflict, match="is cancelled already"):
        ask(orders.cancel_order, order_id=order["id"])


@pytest.mark.requirement("B15")
@pytest.mark.parametrize("method", ["cash", "card"])
def test_of_cancelling_and_paying_at_once_one_comes_first(ask, an_order, method):
    order = an_order()

    def pay():
        return ask(payments.take_payment, order_id=order["id"], method=method)

    def cancel():
        return ask(orders.cancel_order, order_id=order["id"])

    def outcome(act):
        try:
            return act()
        except Problem as problem:
            return problem

    with ThreadPoolExecutor(2) as pool:
        paid, cancelled = pool.map(outcome, (pay, cancel))
    assert isinstance(paid, Conflict) is not isinstance(cancelled, Conflict)
    after = ask(orders.get_order, order_id=order["id"])
    taken = 0 if isinstance(paid, Conflict) else 4900
    assert (after["state"], after["paid"]["amount"], after["due"]["amount"], after["under_way"]["amount"]) == (
        "paid" if taken else "cancelled", taken, 0, 0,
    )  # fmt: skip

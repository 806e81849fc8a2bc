"""Payments, through the door."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from chassis.actor import Actor
from chassis.ids import new_id
from contracts.billing import accounts, orders, payments
from contracts.errors import Conflict, Forbidden, Invalid, NotFound
from tests.builders.at_once import at_once

ADA = Actor("01990000-0000-7000-8000-00000000000a", "admin", "Ada Admin")


def euros(amount: int) -> dict:
    return {"amount": amount, "currency": "EUR"}


def types(told) -> list[str]:
    apart = ("package.assigned", "order.placed", "subscription.begun")
    return [type for type, _ in told if type not in apart and not type.startswith(("invoice.", "credit_note."))]


@pytest.mark.requirement("B03", "P07")
@pytest.mark.parametrize("method", ["cash", "card"])
def test_cash_and_card_are_taken_at_once_and_make_a_customer(ask, an_order, told_of, method):
    order = an_order(name="Gold")
    payment = ask(payments.take_payment, order_id=order["id"], method=method)
    assert (payment["state"], payment["amount"], payment["decided_by"]) == ("taken", euros(4900), "Olive Owner")
    assert types(told_of(order["contact_id"])) == ["payment.taken", "package.paid"]
    paid = dict(told_of(order["contact_id"]))["package.paid"]
    assert (paid["name"], paid["kind"], paid["assignment_id"]) == (
        "Gold", "membership", order["items"][0]["assignment_id"],
    )  # fmt: skip
    settled = ask(orders.get_order, order_id=order["id"])
    assert (settled["state"], settled["due"]["amount"], settled["paid"]) == ("paid", 0, euros(4900))


@pytest.mark.requirement("B03", "P07")
def test_a_transfer_waits_until_it_is_approved_and_who_and_when_is_kept(ask, an_order, told_of):
    order = an_order()
    pending = ask(payments.take_payment, order_id=order["id"], method="bank_transfer")
    assert (pending["state"], pending["decided_by"], pending["decided_at"]) == ("pending", None, None)
    assert types(told_of(order["contact_id"])) == ["payment.pending"]
    approved = ask(payments.approve_payment, actor=ADA, payment_id=pending["id"])
    assert (approved["state"], approved["decided_by"]) == ("taken", "Ada Admin")
    assert approved["decided_at"]
    assert types(told_of(order["contact_id"])) == ["payment.pending", "payment.taken", "package.paid"]


@pytest.mark.requirement("B03", "B15")
def test_approving_twice_is_one_approval_by_the_first(ask, an_order, told_of):
    order = an_order()
    pending = ask(payments.take_payment, order_id=order["id"], method="bank_transfer")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ask(payments.approve_payment, payment_id=pending["id"]), range(8)))
    assert all(answer == answers[0] for answer in answers)
    assert ask(payments.approve_payment, actor=ADA, payment_id=pending["id"])["decided_by"] == "Olive Owner"
    assert types(told_of(order["contact_id"])).count("payment.taken") == 1
    assert types(told_of(order["contact_id"])).count("package.paid") == 1


@pytest.mark.requirement("B03", "P07")
def test_a_rejected_transfer_leaves_the_order_open_and_the_contact_a_lead(ask, an_order, told_of):
    order = an_order()
    pending = ask(payments.take_payment, order_id=order["id"], method="bank_transfer")
    rejected = ask(payments.reject_payment, actor=ADA, payment_id=pending["id"], reason="Never arrived")
    assert (rejected["state"], rejected["decided_by"], rejected["reason"]) == ("rejected", "Ada Admin", "Never arrived")
    assert ask(payments.reject_payment, payment_id=pending["id"], reason="Again") == rejected
    assert types(told_of(order["contact_id"])) == ["payment.pending", "payment.rejected"]
    still = ask(orders.get_order, order_id=order["id"])
    assert (still["state"], still["due"]) == ("open", euros(4900))
    with pytest.raises(Conflict):
        ask(payments.approve_payment, payment_id=pending["id"])
    assert ask(payments.take_payment, order_id=order["id"], method="cash")["state"] == "taken"


@pytest.mark.requirement("B03")
def test_what_was_approved_is_not_rejected(ask, an_order):
    pending = ask(payments.take_payment, order_id=an_order()["id"], method="bank_transfer")
    ask(payments.approve_payment, payment_id=pending["id"])
    with pytest.raises(Conflict):
        ask(payments.reject_payment, payment_id=pending["id"])


@pytest.mark.requirement("B03")
def test_nobody_approves_cash(ask, an_order):
    cash = ask(payments.take_payment, order_id=an_order()["id"], method="cash")
    with pytest.raises(Conflict):
        ask(payments.approve_payment, payment_id=cash["id"])


@pytest.mark.requirement("B03")
def test_sales_take_payments_and_do_not_approve_them(ask, an_order):
    pending = ask(payments.take_payment, actor="sales", order_id=an_order()["id"], method="bank_transfer")
    for decision in (payments.approve_payment, payments.reject_payment, payments.refund_payment):
        with pytest.raises(Forbidden):
            ask(decision, actor="sales", payment_id=pending["id"])


@pytest.mark.requirement("B13", "B15")
def test_a_split_payment_converts_when_the_last_part_is_there(ask, an_order, told_of):
    order = an_order(amount=5000)
    ask(payments.take_payment, order_id=order["id"], method="cash", amount=euros(2000))
    assert "package.paid" not in types(told_of(order["contact_id"]))
    transfer = ask(payments.take_payment, order_id=order["id"], method="bank_transfer", amount=euros(1000))
    card = ask(payments.take_payment, order_id=order["id"], method="card")
    assert card["amount"] == euros(2000)
    assert "package.paid" not in types(told_of(order["contact_id"]))
    ask(payments.approve_payment, payment_id=transfer["id"])
    assert types(told_of(order["contact_id"])).count("package.paid") == 1


@pytest.mark.requirement("B15")
def test_what_is_under_way_cannot_be_paid_again(ask, an_order):
    order = an_order()
    ask(payments.take_payment, order_id=order["id"], method="bank_transfer")
    with pytest.raises(Conflict, match="under way"):
        ask(payments.take_payment, order_id=order["id"], method="cash")


@pytest.mark.requirement("B15")
@pytest.mark.parametrize("method", ["cash", "card", "bank_transfer"])
def test_of_many_payments_at_once_only_what_is_due_is_taken(ask, an_order, method):
    order = an_order(amount=5000)

    pay = partial(ask, payments.take_payment, order_id=order["id"], method=method, amount=euros(2000))
    answers = at_once([pay] * 8, workers=8, refusals=(Invalid,))
    states = [answer["state"] for answer in answers if not isinstance(answer, Invalid)]
    assert states == 2 * ["pending" if method == "bank_transfer" else "taken"]
    after = ask(orders.get_order, order_id=order["id"])
    assert after["paid"]["amount"] + after["under_way"]["amount"] == 4000


@pytest.mark.requirement("B15")
def test_one_key_many_times_charges_the_card_once(ask, an_order, billing):
    order, key = an_order(amount=5000), new_id()

    def pay(_: int) -> dict:
        return ask(
            payments.take_payment, key=key, order_id=order["id"], method="card", card_token="tok_slow",
            amount=euros(1000),
        )  # fmt: skip

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(pay, range(6)))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["state"] == "taken"
    assert len(ask(payments.list_payments, order_id=order["id"])["items"]) == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"amount": euros(4901)}, "/amount/amount"),
        ({"amount": euros(0)}, "/amount/amount"),
        ({"amount": euros(-1)}, "/amount/amount"),
        ({"amount": euros(2**64)}, "/amount/amount"),
        ({"amount": {"amount": 10.5, "currency": "EUR"}}, "/amount/amount"),
        ({"amount": {"amount": 100, "currency": "USD"}}, "/amount/currency"),
        ({"amount": 4900}, "/amount"),
        ({"method": "cheque"}, "/method"),
        ({"card_token": "tok_visa"}, "/card_token"),
        ({"method": "card", "card_token": "4242 4242 4242 4242"}, "/card_token"),
        ({"order_id": "1001"}, "/order_id"),
    ],
)
def test_a_payment_that_makes_no_sense_is_refused_by_field(ask, an_order, change, pointer):
    with pytest.raises(Invalid) as refused:
        ask(payments.take_payment, **({"order_id": an_order()["id"], "method": "cash"} | change))
    assert [error["pointer"].removesuffix("/_schema") for error in refused.value.errors] == [pointer]


def test_a_paid_order_is_not_paid_again(ask, an_order):
    order = an_order()
    ask(payments.take_payment, order_id=order["id"], method="cash")
    with pytest.raises(Conflict, match="nothing due"):
        ask(payments.take_payment, order_id=order["id"], method="card")


def test_what_does_not_exist_is_not_found(ask):
    with pytest.raises(NotFound):
        ask(payments.take_payment, order_id=new_id(), method="cash")
    for rpc in (payments.approve_payment, payments.reject_payment, payments.refund_payment, payments.get_payment):
        with pytest.raises(NotFound):
            ask(rpc, payment_id=new_id())


@pytest.mark.requirement("C03", "P07", "B06")
@pytest.mark.parametrize("method", ["cash", "card", "bank_transfer"])
def test_a_full_refund_makes_the_contact_a_lead_again_and_nothing_is_due(ask, an_order, told_of, method):
    order = an_order()
    payment = ask(payments.take_payment, order_id=order["id"], method=method)
    if method == "bank_transfer":
        ask(payments.approve_payment, payment_id=payment["id"])
    refunded = ask(payments.refund_payment, payment_id=payment["id"], reason="Moved away")
    assert (refunded["refunded"], refunded["refunds"][0]["state"]) == (euros(4900), "given")
    assert types(told_of(order["contact_id"]))[-3:] == [
        "payment.refunded", "subscription.cancelled", "package.reversed",
    ]  # fmt: skip
    assert told_of(order["contact_id"])[-1][1]["reason"] == "Moved away"
    account = ask(accounts.get_account, contact_id=order["contact_id"])
    assert (account["dues"], account["spent"]) == ([], [])
    assert (account["orders"][0]["state"], account["packages"][0]["state"]) == ("refunded", "reversed")
    with pytest.raises(Conflict):
        ask(payments.refund_payment, payment_id=payment["id"])


@pytest.mark.requirement("B06")
def test_a_refund_in_part_leaves_the_package(ask, an_order, told_of):
    order = an_order(amount=5000)
    payment = ask(payments.take_payment, order_id=order["id"], method="cash")
    ask(payments.refund_payment, payment_id=payment["id"], amount=euros(1500))
    assert "package.reversed" not in types(told_of(order["contact_id"]))
    account = ask(accounts.get_account, contact_id=order["contact_id"])
    assert (account["dues"], account["spent"]) == ([], [euros(3500)])
    with pytest.raises(Invalid):
        ask(payments.refund_payment, payment_id=payment["id"], amount=euros(3501))


@pytest.mark.requirement("B06")
def test_a_refund_on_an_open_order_is_due_again(ask, an_order):
    order = an_order(amount=5000)
    payment = ask(payments.take_payment, order_id=order["id"], method="card", amount=euros(2000))
    ask(payments.refund_payment, payment_id=payment["id"])
    assert ask(orders.get_order, order_id=order["id"])["due"] == euros(5000)


def test_what_was_not_taken_is_not_given_back(ask, an_order):
    pending = ask(payments.take_payment, order_id=an_order()["id"], method="bank_transfer")
    with pytest.raises(Conflict):
        ask(payments.refund_payment, payment_id=pending["id"])


@pytest.mark.requirement("C13")
def test_the_account_of_somebody_who_never_bought_is_empty(ask):
    account = ask(accounts.get_account, contact_id=new_id())
    parts = ("dues", "spent", "packages", "courses", "orders", "payments")
    assert [account[part] for part in parts] == [[] for _ in parts]

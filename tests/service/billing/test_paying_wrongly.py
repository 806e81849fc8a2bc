"""Payments that make no sense: each is refused where it is wrong, and nothing is half done."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from contracts.billing import accounts, cards, orders, payments
from contracts.errors import Conflict, Invalid, Problem

pytestmark = pytest.mark.requirement("B03", "B04", "B15")


def euros(amount: int) -> dict:
    return {"amount": amount, "currency": "EUR"}


class Till:
    """A contact with an order and cards of every kind that cannot be charged."""

    def __init__(self, ask, a_buyer, a_package, a_card, billing) -> None:
        self.ask, self.contact, self.package = ask, a_buyer(), a_package()
        self.others = a_card(a_buyer())["id"]
        self.declined = a_card(self.contact, "tok_declined")["id"]
        self.removed, self.expired, self.good = (a_card(self.contact)["id"] for _ in range(3))
        ask(cards.remove_card, card_id=self.removed)
        ask(cards.change_card, card_id=self.good, default=True)
        with billing.begin() as connection:
            over = sa.text("UPDATE cards SET expires = '2021-02' WHERE id = :id")
            connection.execute(over, {"id": self.expired})

    def order(self) -> str:
        items = [{"package_id": self.package["id"]}]
        return self.ask(orders.place_order, contact_id=self.contact, items=items)["id"]

    def paid(self, **how) -> dict:
        return self.ask(payments.take_payment, order_id=self.order(), **({"method": "card"} | how))

    def cancelled(self) -> str:
        order = self.order()
        self.ask(orders.cancel_order, order_id=order)
        return order


@pytest.fixture
def till(ask, a_buyer, a_package, a_card, billing):
    return Till(ask, a_buyer, a_package, a_card, billing)


PAYING = [
    ("negative", {"amount": euros(-4900)}, "/amount/amount"),
    ("zero", {"amount": euros(0)}, "/amount/amount"),
    ("more than is due", {"amount": euros(4901)}, "/amount/amount"),
    ("beyond what is counted", {"amount": euros(10**30)}, "/amount/amount"),
    ("broken", {"amount": {"amount": 49.5, "currency": "EUR"}}, "/amount/amount"),
    ("another currency", {"amount": {"amount": 4900, "currency": "JPY"}}, "/amount/currency"),
    ("no currency", {"amount": {"amount": 4900, "currency": "eur"}}, "/amount/currency"),
    ("card of another contact", {"card_id": "others"}, "/card_id"),
    ("nobody's card", {"card_id": new_id()}, "/card_id"),
    ("no id", {"card_id": "the blue one"}, "/card_id"),
    ("removed card", {"card_id": "removed"}, "/card_id"),
    ("expired card", {"card_id": "expired"}, "/card_id"),
    ("refused card", {"card_id": "declined"}, "/card_id"),
    ("card and token", {"card_id": "good", "card_token": "tok_visa"}, "/card_id"),
    ("card for cash", {"method": "cash", "card_id": "good"}, "/card_id"),
    ("token for cash", {"method": "cash", "card_token": "tok_visa"}, "/card_token"),
    ("card number", {"card_token": "5555555555554444"}, "/card_token"),
]


def test_what_makes_no_sense_is_refused_where_it_is_wrong(till):
    order = till.order()
    before = till.ask(orders.get_order, order_id=order)
    for name, told, pointer in PAYING:
        asked = {"order_id": order, "method": "card"} | told
        if "card_id" in told:
            asked["card_id"] = getattr(till, told["card_id"], told["card_id"])
        with pytest.raises(Invalid) as refused:
            till.ask(payments.take_payment, **asked)
        assert [error["pointer"] for error in refused.value.errors] == [pointer], name
    assert till.ask(orders.get_order, order_id=order) == before
    assert till.ask(accounts.get_account, contact_id=till.contact)["payments"] == []


def test_an_expired_default_is_not_charged_in_silence(till):
    till.ask(cards.remove_card, card_id=till.good)  # the expired one is the default now
    with pytest.raises(Invalid) as refused:
        till.paid()
    assert refused.value.errors[0]["pointer"] == "/card_id"
    assert till.paid(card_token="tok_visa")["state"] == "taken"


def test_what_is_settled_or_cancelled_is_not_paid_and_no_more_given_back_than_came(till):
    paid, cancelled = till.paid(), till.cancelled()
    refused_as = {
        "a paid order": (payments.take_payment, {"order_id": paid["order_id"], "method": "card"}, Conflict),
        "a cancelled order": (payments.take_payment, {"order_id": cancelled, "method": "card"}, Conflict),
        "a cancelled order in cash": (payments.take_payment, {"order_id": cancelled, "method": "cash"}, Conflict),
        "more than came": (payments.refund_payment, {"payment_id": paid["id"], "amount": euros(4901)}, Invalid),
        "nothing": (payments.refund_payment, {"payment_id": paid["id"], "amount": euros(0)}, Invalid),
        "less than nothing": (payments.refund_payment, {"payment_id": paid["id"], "amount": euros(-1)}, Invalid),
        "other money": (
            payments.refund_payment, {"payment_id": paid["id"], "amount": {"amount": 1, "currency": "USD"}}, Invalid,
        ),
        "no cardholder is asked": (payments.cancel_payment, {"payment_id": paid["id"]}, Conflict),
        "no bank asks": (payments.authenticate_payment, {"payment_id": paid["id"]}, Conflict),
    }  # fmt: skip
    before = till.ask(accounts.get_account, contact_id=till.contact)
    for name, (rpc, told, kind) in refused_as.items():
        with pytest.raises(Problem) as refused:
            till.ask(rpc, **told)
        assert isinstance(refused.value, kind), name
        assert kind is Conflict or refused.value.errors[0]["pointer"].startswith("/amount"), name
    assert till.ask(accounts.get_account, contact_id=till.contact) == before

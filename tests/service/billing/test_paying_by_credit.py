"""Account credit is spent like money, and never more of it than there is."""

from __future__ import annotations

from functools import partial

import pytest
import sqlalchemy as sa

from contracts.billing import accounts, credit, orders, payments
from contracts.errors import Conflict, Invalid
from tests.builders.at_once import at_once

pytestmark = pytest.mark.requirement("B09", "B15")


def euros(amount: int) -> dict:
    return {"amount": amount, "currency": "EUR"}


@pytest.fixture
def a_spender(ask, a_buyer):
    def build(amount: int = 1000) -> str:
        contact = a_buyer()
        ask(credit.grant_credit, contact_id=contact, amount=euros(amount), reason="Sorry")
        return contact

    return build


def an_order_of(ask, contact: str, package: dict) -> str:
    return ask(orders.place_order, contact_id=contact, items=[{"package_id": package["id"]}])["id"]


def test_an_order_is_paid_by_credit_and_cash_and_the_ledger_adds_up(ask, a_spender, a_package, told_of, billing):
    contact = a_spender(1000)
    order = an_order_of(ask, contact, a_package(amount=4900))
    with pytest.raises(Invalid) as refused:
        ask(payments.take_payment, order_id=order, method="account_credit")
    assert refused.value.errors[0]["pointer"] == "/amount/amount"
    ask(payments.take_payment, order_id=order, method="account_credit", amount=euros(1000))
    ask(payments.take_payment, order_id=order, method="cash")
    history = ask(credit.get_credit, contact_id=contact)
    assert [(one["kind"], one["amount"]["amount"], one["balance"]["amount"]) for one in history["items"]] == [
        ("spent", -1000, 0), ("granted", 1000, 1000),
    ]  # fmt: skip
    account = ask(accounts.get_account, contact_id=contact)
    assert (account["dues"], account["spent"], account["packages"][0]["state"]) == ([], [euros(3900)], "active")
    assert [type for type, _ in told_of(contact)].count("package.paid") == 1
    summed = "SELECT sum(amount) FROM ledger_entries WHERE contact_id = :id AND account = 'account_credit'"
    with billing.connect() as connection:
        assert connection.scalar(sa.text(summed), {"id": contact}) == 0


def test_of_twenty_payments_at_once_credit_pays_what_it_can_and_no_more(ask, a_spender, a_package):
    contact, tea = a_spender(1000), a_package(kind="product", amount=300)
    placed = [an_order_of(ask, contact, tea) for _ in range(20)]

    paying = [partial(ask, payments.take_payment, order_id=order, method="account_credit") for order in placed]
    answers = at_once(paying, workers=10, refusals=(Invalid,))
    states = [answer["state"] for answer in answers if not isinstance(answer, Invalid)]
    assert states == ["taken"] * 3
    history = ask(credit.get_credit, contact_id=contact)
    assert history["balances"] == [euros(100)]
    assert all(one["balance"]["amount"] >= 0 for one in history["items"])
    dues = ask(accounts.get_account, contact_id=contact)["dues"]
    assert dues == [euros(17 * 300)]


def test_credit_of_another_currency_and_cards_for_credit_are_refused(ask, a_spender, a_package):
    contact = a_spender()
    order = an_order_of(ask, contact, a_package(amount=100, currency="USD"))
    for asked, pointer in (({}, "/amount/amount"), ({"card_token": "tok_visa"}, "/card_token")):
        with pytest.raises(Invalid) as refused:
            ask(payments.take_payment, order_id=order, method="account_credit", **asked)
        assert refused.value.errors[0]["pointer"] == pointer
    good = an_order_of(ask, contact, a_package(kind="product", amount=100))
    spent = ask(payments.take_payment, order_id=good, method="account_credit")
    with pytest.raises(Conflict):
        ask(payments.approve_payment, payment_id=spent["id"])

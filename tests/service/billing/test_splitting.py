"""One order paid in several ways, as at a till."""

from __future__ import annotations

import pytest

from contracts.billing import invoices, orders, payments
from contracts.errors import Conflict, Invalid


def euros(amount: int) -> dict:
    return {"amount": amount, "currency": "EUR"}


@pytest.mark.requirement("B13", "B15", "B03")
def test_one_order_is_paid_in_several_ways_also_when_some_of_them_fail(ask, an_order):
    order = an_order(kind="product", amount=5000)["id"]

    def pay(method: str, **more) -> dict:
        return ask(payments.take_payment, order_id=order, method=method, **more)

    assert pay("cash", amount=euros(2000))["state"] == "taken"
    assert pay("card", card_token="tok_declined", amount=euros(3000))["state"] == "failed"
    left = ask(orders.get_order, order_id=order)
    assert (left["state"], left["paid"], left["due"], left["under_way"]) == ("open", euros(2000), euros(3000), euros(0))
    with pytest.raises(Invalid):
        pay("card", card_token="tok_visa", amount=euros(3001))
    transfer = pay("bank_transfer", amount=euros(1000))["id"]
    assert pay("card", card_token="tok_visa")["amount"] == euros(2000)
    ask(payments.reject_payment, payment_id=transfer, reason="Never came")
    left = ask(orders.get_order, order_id=order)
    assert (left["state"], left["paid"], left["due"], left["under_way"]) == ("open", euros(4000), euros(1000), euros(0))
    assert ask(invoices.get_invoice, invoice_id=left["invoice_id"])["state"] == "open"
    assert pay("cash")["amount"] == euros(1000)
    paid = ask(orders.get_order, order_id=order)
    assert (paid["state"], paid["paid"], paid["due"]) == ("paid", euros(5000), euros(0))
    assert ask(invoices.get_invoice, invoice_id=paid["invoice_id"])["state"] == "paid"
    with pytest.raises(Conflict):
        pay("cash")

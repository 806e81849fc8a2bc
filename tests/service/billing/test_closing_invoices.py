"""Invoices that are not to be paid any more: void, or written off."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from contracts.billing import accounts, invoices, orders, payments
from contracts.errors import Conflict, Forbidden, Invalid, NotFound, Stale

WHY = {"reason": "Moved abroad"}


def euros(amount: int) -> dict:
    return {"amount": amount, "currency": "EUR"}


def books_of(billing, contact: str) -> dict[str, int]:
    summed = "SELECT account, sum(amount)::bigint FROM ledger_entries WHERE contact_id = :contact GROUP BY 1"
    with billing.connect() as connection:
        rows = connection.execute(sa.text(summed), {"contact": contact}).all()
    return {account: amount for account, amount in rows if amount}


@pytest.mark.requirement("B07", "B15")
def test_what_is_written_off_is_lost_and_not_owed(ask, an_order, told_of, billing):
    order = an_order(amount=4900)
    ask(payments.take_payment, order_id=order["id"], method="cash", amount=euros(900))
    invoice = ask(invoices.write_off_invoice, invoice_id=order["invoice_id"], **WHY)
    assert (invoice["state"], invoice["due"], invoice["written_off"]) == ("written_off", euros(0), euros(4000))
    assert books_of(billing, order["contact_id"]) == {"cash": 900, "sales": -4900, "losses": 4000}
    account = ask(accounts.get_account, contact_id=order["contact_id"])
    assert (account["dues"], account["orders"][0]["state"]) == ([], "written_off")
    assert account["packages"][0]["state"] == "cancelled"
    type, told = told_of(order["contact_id"])[-1]
    assert (type, told["amount"], told["reason"]) == ("invoice.written_off", euros(4000), "Moved abroad")


@pytest.mark.requirement("B07", "B15")
def test_of_what_is_written_off_the_part_that_was_paid_can_be_given_back(ask, an_order, billing):
    order = an_order(amount=4900)
    paid = ask(payments.take_payment, order_id=order["id"], method="cash", amount=euros(900))
    ask(invoices.write_off_invoice, invoice_id=order["invoice_id"], **WHY)
    ask(payments.refund_payment, payment_id=paid["id"])
    assert ask(orders.get_order, order_id=order["id"])["due"] == euros(0)
    assert ask(invoices.get_invoice, invoice_id=order["invoice_id"])["due"] == euros(0)
    assert books_of(billing, order["contact_id"]) == {"sales": -4000, "losses": 4000}


@pytest.mark.requirement("B07", "B15")
def test_a_void_invoice_was_never_meant_and_takes_its_order_with_it(ask, an_order, billing):
    order = an_order(amount=4900)
    void = ask(invoices.void_invoice, invoice_id=order["invoice_id"], **WHY)
    assert (void["state"], void["due"], void["reason"]) == ("void", euros(0), "Moved abroad")
    assert ask(orders.get_order, order_id=order["id"])["state"] == "cancelled"
    assert books_of(billing, order["contact_id"]) == {}


@pytest.mark.requirement("B07", "B15")
def test_nothing_is_closed_twice_or_paid_once_it_is_closed(ask, an_order):
    def closed(how) -> dict:
        order = an_order()
        how(order)
        return order

    paid = closed(lambda order: ask(payments.take_payment, order_id=order["id"], method="cash"))
    void = closed(lambda order: ask(invoices.void_invoice, invoice_id=order["invoice_id"], **WHY))
    lost = closed(lambda order: ask(invoices.write_off_invoice, invoice_id=order["invoice_id"], **WHY))
    waiting = closed(lambda order: ask(payments.take_payment, order_id=order["id"], method="bank_transfer"))
    part = closed(
        lambda order: ask(payments.take_payment, order_id=order["id"], method="cash", amount=euros(1))
    )  # fmt: skip
    for order, words in ((paid, "paid already"), (void, "void already"), (lost, "written off already")):
        for close in (invoices.void_invoice, invoices.write_off_invoice):
            with pytest.raises(Conflict, match=words):
                ask(close, invoice_id=order["invoice_id"], **WHY)
        with pytest.raises(Conflict, match="nothing due"):
            ask(payments.take_payment, order_id=order["id"], method="cash")
    for close in (invoices.void_invoice, invoices.write_off_invoice):
        with pytest.raises(Conflict, match="under way"):
            ask(close, invoice_id=waiting["invoice_id"], **WHY)
    with pytest.raises(Conflict, match="give that back first"):
        ask(invoices.void_invoice, invoice_id=part["invoice_id"], **WHY)
    assert ask(invoices.get_invoice, invoice_id=part["invoice_id"])["due"] == euros(4899)


@pytest.mark.parametrize("close", [invoices.void_invoice, invoices.write_off_invoice], ids=str)
def test_closing_that_makes_no_sense_is_refused(ask, an_order, close):
    order = an_order()
    for reason in ("", None, "x" * 501, "a\x00b"):
        with pytest.raises(Invalid) as refused:
            ask(close, invoice_id=order["invoice_id"], reason=reason)
        assert [error["pointer"] for error in refused.value.errors] == ["/reason"]
    with pytest.raises(NotFound):
        ask(close, invoice_id=new_id(), **WHY)
    with pytest.raises(Forbidden):
        ask(close, actor="sales", invoice_id=order["invoice_id"], **WHY)
    with pytest.raises(Stale):
        ask(close, invoice_id=order["invoice_id"], **WHY, expected_version=99)
    assert ask(invoices.get_invoice, invoice_id=order["invoice_id"])["state"] == "open"

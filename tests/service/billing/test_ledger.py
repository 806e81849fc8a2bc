"""The books, as the database keeps them."""

from __future__ import annotations

import random

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from contracts.billing import accounts, credit, invoices, orders, payments, plans
from contracts.errors import Conflict, Invalid

METHODS = ("cash", "card", "bank_transfer", "account_credit")
MOVES = ("order", "pay", "pay", "pay", "approve", "reject", "refund", "refund_order", "void", "write_off")


def entry(transaction: str, account: str, amount: int, currency: str = "EUR") -> dict:
    return {
        "id": new_id(), "transaction_id": transaction, "contact_id": new_id(), "account": account, "amount": amount,
        "currency": currency, "cause_id": transaction,
    }  # fmt: skip


INSERT = sa.text("""
    INSERT INTO ledger_entries (id, transaction_id, contact_id, account, amount, currency, cause, cause_id, posted_at)
    VALUES (:id, :transaction_id, :contact_id, :account, :amount, :currency, 'test', :cause_id, now())""")

SUMS = sa.text("""
    SELECT sum(amount), sum(amount) FILTER (WHERE account = 'receivable') FROM ledger_entries
    WHERE contact_id = :contact""")


@pytest.mark.requirement("B15")
@pytest.mark.parametrize(
    ("sides", "why"),
    [
        ([("cash", 100, "EUR")], "one side alone"),
        ([("cash", 100, "EUR"), ("sales", -99, "EUR")], "a cent is missing"),
        ([("cash", 100, "EUR"), ("sales", -100, "USD")], "two currencies"),
    ],
)
def test_the_database_refuses_a_transaction_that_does_not_balance(billing, sides, why):
    transaction = new_id()
    with pytest.raises(sa.exc.IntegrityError, match="does not balance"), billing.begin() as connection:
        connection.execute(INSERT, [entry(transaction, *side) for side in sides])


@pytest.mark.requirement("B15")
@pytest.mark.parametrize("change", ["UPDATE ledger_entries SET amount = amount", "DELETE FROM ledger_entries"])
def test_what_stands_in_the_books_is_never_changed(billing, an_order, change):
    an_order()
    with pytest.raises(sa.exc.IntegrityError, match="never changed"), billing.begin() as connection:
        connection.execute(sa.text(change))


@pytest.mark.requirement("B15")
def test_the_same_cause_is_not_posted_twice(billing):
    transaction = new_id()
    sides = [entry(transaction, "cash", 100), entry(transaction, "sales", -100)]
    with billing.begin() as connection:
        connection.execute(INSERT, sides)
    with pytest.raises(sa.exc.IntegrityError), billing.begin() as connection:
        connection.execute(INSERT, [side | {"id": new_id()} for side in sides])


@pytest.mark.requirement("B07", "B08", "B15")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_dues_are_invoices_less_payments_and_credits_after_any_history(ask, a_buyer, a_package, billing, seed):
    chance = random.Random(seed)
    contact = a_buyer()
    three = {"key": "three", "instalments": 3, "interval": {"unit": "week"}}
    more = {"kind": "course", "payment_plans": [three]}
    packages = [a_package(amount=chance.randrange(3, 9999), **more) for _ in range(3)]
    placed: list[str] = []
    asked: list[str] = []
    for _ in range(40):
        move = chance.choice(MOVES)
        try:
            if move == "order" or not placed:
                item = {"package_id": chance.choice(packages)["id"], "quantity": chance.randrange(1, 4)}
                plan = {"payment_plan": {"key": "three"}} if chance.random() < 0.5 else {}
                placed.append(ask(orders.place_order, contact_id=contact, items=[item], **plan)["id"])
            elif move == "pay":
                amount = {"amount": chance.randrange(1, 9999), "currency": "EUR"}
                how = {"method": chance.choice(METHODS)} | ({"amount": amount} if chance.random() < 0.6 else {})
                asked.append(ask(payments.take_payment, order_id=chance.choice(placed), **how)["id"])
            elif move == "refund_order":
                to = chance.choice(payments.REFUNDED_TO)
                ask(payments.refund_order, order_id=chance.choice(placed), to=to)
            elif move in ("void", "write_off"):
                invoice_id = ask(orders.get_order, order_id=chance.choice(placed))["invoice_id"]
                ask(getattr(invoices, f"{move}_invoice"), invoice_id=invoice_id, reason="A slip")
            elif asked:
                decision = getattr(payments, f"{move}_payment")
                ask(decision, payment_id=chance.choice(asked))
        except (Conflict, Invalid):
            continue  # a move that made no sense at this point
    account = ask(accounts.get_account, contact_id=contact)
    history = ask(orders.list_orders, contact_id=contact, limit=200)["items"]
    total, credited, paid, refunded = (
        sum(order[part]["amount"] for order in history) for part in ("total", "credited", "paid", "refunded")
    )
    lost = sum(order["written_off"]["amount"] for order in history)
    assert sum(due["amount"] for due in account["dues"]) == total - credited - lost - paid + refunded
    left = {plan["order_id"]: plan["left"] for plan in ask(plans.list_payment_plans, contact_id=contact)["items"]}
    assert left == {order["id"]: order["due"] for order in history if order["payment_plan_id"]}
    assert left  # else nothing was tried
    asked_for = ask(invoices.list_invoices, contact_id=contact, limit=200)["items"]
    for part in ("due", "total", "paid", "refunded", "credited", "written_off"):
        assert sum(one[part]["amount"] for one in asked_for) == sum(order[part]["amount"] for order in history), part
    assert sum(due["amount"] for due in account["dues"]) == sum(order["due"]["amount"] for order in history)
    kept = sum(spent["amount"] for spent in account["spent"])
    held = sum(one["amount"] for one in ask(credit.get_credit, contact_id=contact)["balances"])
    assert kept == paid - refunded + held  # what is held as credit was paid in, and is no payment for anything any more
    owed = sum(due["amount"] for due in account["dues"])
    with billing.connect() as connection:
        assert connection.execute(SUMS, {"contact": contact}).one() == (0, owed)

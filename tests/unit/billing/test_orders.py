"""What one order decides alone, over any history."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from contracts.errors import Conflict, Invalid, Problem
from services.billing.ledger import rules as books
from services.billing.orders.model import Order
from services.billing.orders.rules import MOST, one_currency, total_of
from services.billing.payments.model import Payment
from tests.builders.examples import examples

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
METHODS = st.sampled_from(sorted(books.MONEY_OF_METHOD))
PARTS = st.none() | st.integers(1, 130)


def an_order(total: int = 4900) -> Order:
    return Order(
        number=1001,
        state="open",
        currency="EUR",
        total=total,
        paid=0,
        refunded=0,
        credited=0,
        written_off=0,
        under_way=0,
        version=1,
    )


def euros(amount: int) -> dict[str, object]:
    return {"amount": amount, "currency": "EUR"}


class AnyHistory(RuleBasedStateMachine):
    """Payments asked for, approved, rejected and given back, in any order and of any size."""

    payments = Bundle("payments")

    @initialize(total=st.integers(0, 10**12))
    def place(self, total: int) -> None:
        self.order = an_order(total)
        self.books = [books.balanced(books.sale(total))]
        self.taken = self.given_back = 0
        if total == 0:
            self.order.settle(NOON)

    def part(self, percent: int | None) -> dict[str, object] | None:
        return None if percent is None else euros(max(1, self.order.total * percent // 100))

    @rule(target=payments, method=METHODS, percent=PARTS)
    def ask_for_a_payment(self, method: str, percent: int | None) -> object:
        try:
            amount = self.order.reserve(self.part(percent))
        except Problem:
            return multiple()
        return Payment(
            method=method, amount=amount, currency="EUR", state="pending", refunded=0, refunding=0, version=1
        )

    @rule(payment=payments)
    def approve(self, payment: Payment) -> None:
        if payment.state != "pending":
            return
        payment.state = "taken"
        self.taken += payment.amount
        self.books.append(books.balanced(books.payment(payment.method, payment.amount)))
        if self.order.receive(payment.amount):
            self.order.settle(NOON)

    @rule(payment=payments)
    def reject(self, payment: Payment) -> None:
        if payment.state == "pending":
            payment.state = "rejected"
            self.order.release(payment.amount)

    @rule(payment=payments, percent=PARTS)
    def refund(self, payment: Payment, percent: int | None) -> None:
        try:
            amount = payment.set_aside(self.part(percent))
        except Problem:
            return
        payment.refunding -= amount
        payment.refunded += amount
        self.given_back += amount
        credited = self.order.give_back(amount)
        self.books.append(books.balanced(books.refund(payment.method, amount, credited=credited)))

    @invariant()
    def the_books_sum_to_zero(self) -> None:
        assert sum(sum(posting.values()) for posting in self.books) == 0

    @invariant()
    def the_dues_are_orders_less_payments_plus_refunds(self) -> None:
        order = self.order
        dues = sum(posting.get(books.RECEIVABLE, 0) for posting in self.books)
        assert dues == order.due == order.total - order.credited - self.taken + self.given_back

    @invariant()
    def the_money_kept_is_what_was_taken_and_not_given_back(self) -> None:
        kept = sum(posting.get(account, 0) for posting in self.books for account in books.MONEY_ACCOUNTS)
        assert kept == self.taken - self.given_back >= 0

    @invariant()
    def nothing_is_asked_for_twice(self) -> None:
        assert 0 <= self.order.under_way <= self.order.due

    @invariant()
    def the_state_says_how_it_stands(self) -> None:
        order = self.order
        assert (order.state == "open") == (order.due > 0 or (order.credited == 0 and order.settled_at is None))
        if order.state == "refunded":
            assert self.taken == self.given_back
            assert order.credited == order.total


AnyHistory.TestCase.settings = settings(max_examples=examples(300), stateful_step_count=25, deadline=None)
test_the_books_agree_with_the_order_whatever_happens = pytest.mark.requirement("B15", "B07")(AnyHistory.TestCase)


@pytest.mark.requirement("B15")
def test_a_second_payment_of_all_that_is_due_finds_nothing_left() -> None:
    order = an_order()
    assert order.reserve(None) == 4900
    with pytest.raises(Conflict, match="under way"):
        order.reserve(None)


def test_an_overpayment_is_refused_with_its_field() -> None:
    with pytest.raises(Invalid) as refused:
        an_order(4900).reserve(euros(4901))
    assert refused.value.errors[0]["pointer"] == "/amount/amount"


def test_a_payment_in_another_currency_is_refused_with_its_field() -> None:
    with pytest.raises(Invalid) as refused:
        an_order().reserve({"amount": 1, "currency": "USD"})
    assert refused.value.errors[0]["pointer"] == "/amount/currency"


def test_a_paid_order_takes_no_more() -> None:
    order = an_order()
    order.receive(order.reserve(None))
    order.settle(NOON)
    with pytest.raises(Conflict, match="nothing due"):
        order.reserve(None)


def test_a_refund_on_an_open_order_is_due_again() -> None:
    order = an_order(5000)
    order.receive(order.reserve(euros(3000)))
    assert order.give_back(3000) == 0
    assert (order.state, order.due) == ("open", 5000)


def test_a_partly_refunded_order_stays_paid_until_all_is_given_back() -> None:
    order = an_order(5000)
    order.receive(order.reserve(None))
    order.settle(NOON)
    order.give_back(2000)
    assert (order.state, order.due) == ("paid", 0)
    order.give_back(3000)
    assert (order.state, order.due) == ("refunded", 0)


def test_an_order_has_one_currency_and_every_other_item_is_named() -> None:
    assert one_currency(["EUR", "EUR"]) == "EUR"
    with pytest.raises(Invalid) as refused:
        one_currency(["EUR", "USD", "EUR", "GBP"])
    assert [error["pointer"] for error in refused.value.errors] == ["/items/1/package_id", "/items/3/package_id"]


def test_an_order_that_no_contract_could_carry_is_refused() -> None:
    assert total_of([MOST]) == MOST
    with pytest.raises(Invalid):
        total_of([MOST, 1])


def test_a_posting_that_does_not_balance_is_refused() -> None:
    with pytest.raises(ValueError, match="balance"):
        books.balanced({"cash": 100, "receivable": -99})

"""The same things happen to a contact in other orders, and the books say the same of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from contracts.billing import accounts, credit, invoices, orders, packages, payments, plans, rewards, taxes
from contracts.contacts.referrals import referral_converted, referral_reversed
from contracts.language import Event
from services.billing.rewards.reactions import follow_referral
from tests.service.billing.collecting import THREE
from tests.service.billing.renewing import Studio

BOOKS = sa.text("""
    SELECT account, sum(amount)::bigint FROM ledger_entries WHERE contact_id = :contact GROUP BY 1 ORDER BY 1
""")
WHY = {"reason": "a slip"}
ORDERS = 3
"""Of arrival; each is some thirty transactions."""
Happening = Callable[["Buyer"], Iterator[None]]


def euros(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


class Buyer:
    """Somebody to whom things happen, a step at a time."""

    def __init__(self, studio: Studio, course: str, chance: random.Random) -> None:
        self.ask, self.work, self.course, self.chance = studio.ask, studio.clockwork.work, course, chance
        self.id = studio.a_member(price=euros(2900))["contact_id"]

    def order(self, **more: Any) -> dict[str, Any]:
        placed = {"contact_id": self.id, "items": [{"package_id": self.course}]} | more
        return self.ask(orders.place_order, **placed)

    def pay(self, order: dict[str, Any], method: str, **more: Any) -> str:
        return self.ask(payments.take_payment, order_id=order["id"], method=method, **more)["id"]

    def hear(self, event: Event, referral_id: str, sequence: int) -> None:
        told = {
            "referral_id": referral_id, "referred_id": new_id(), "referred_name": "Bob", "via": "referral",
            "before": "lead", "after": "customer", "reason": "given back",
        }  # fmt: skip
        heard = SimpleNamespace(type=event.type, subject=self.id, sequence=sequence, data=event.load(told))
        with self.work() as work:
            follow_referral(work, heard)

    def books(self) -> dict[str, int]:
        with self.work() as work:
            return dict(work.session.execute(BOOKS, {"contact": self.id}).tuples().all())


def paid_in_two_and_given_back_in_part(buyer: Buyer) -> Iterator[None]:
    order = buyer.order(discount={"basis_points": 1500} | WHY)
    yield
    cash = buyer.pay(order, "cash", amount=euros(1001))
    yield
    buyer.pay(order, "card", card_token="tok")
    yield
    buyer.ask(payments.refund_payment, payment_id=cash, amount=euros(333))


def paid_by_plan_and_written_off(buyer: Buyer) -> Iterator[None]:
    order = buyer.order(payment_plan={"key": "three", "automatic": False})
    yield
    first, *_ = buyer.ask(plans.list_instalments, payment_plan_id=order["payment_plan_id"])["items"]
    buyer.ask(payments.pay_instalment, instalment_id=first["id"], method="cash")
    yield
    buyer.ask(invoices.write_off_invoice, invoice_id=order["invoice_id"], **WHY)


def paid_by_credit_that_goes_back(buyer: Buyer) -> Iterator[None]:
    buyer.ask(credit.grant_credit, contact_id=buyer.id, amount=euros(20_000), **WHY)
    yield
    order = buyer.order()
    yield
    paid = buyer.pay(order, "account_credit")
    yield
    buyer.ask(payments.refund_payment, payment_id=paid)
    yield
    buyer.ask(credit.withdraw_credit, contact_id=buyer.id, amount=euros(777), **WHY)


def transferred_rejected_and_void(buyer: Buyer) -> Iterator[None]:
    order = buyer.order()
    yield
    transfer = buyer.pay(order, "bank_transfer")
    yield
    buyer.ask(payments.reject_payment, payment_id=transfer)
    yield
    buyer.ask(invoices.void_invoice, invoice_id=order["invoice_id"], **WHY)


def transferred_and_still_owed(buyer: Buyer) -> Iterator[None]:
    order = buyer.order()
    yield
    transfer = buyer.pay(order, "bank_transfer", amount=euros(1234))
    yield
    buyer.ask(payments.approve_payment, payment_id=transfer)


def rewarded(buyer: Buyer) -> Iterator[None]:
    buyer.hear(referral_converted, new_id(), 10)
    yield


def rewarded_and_not_any_more(buyer: Buyer) -> Iterator[None]:
    """What contacts tells comes in any order, and more than once."""
    referral, news = new_id(), [(referral_converted, 11), (referral_reversed, 12)] * 2
    buyer.chance.shuffle(news)
    for event, sequence in news:
        buyer.hear(event, referral, sequence)
        yield


HAPPENINGS: list[Happening] = [
    paid_in_two_and_given_back_in_part, paid_by_plan_and_written_off, paid_by_credit_that_goes_back,
    transferred_rejected_and_void, transferred_and_still_owed, rewarded, rewarded_and_not_any_more,
]  # fmt: skip


@pytest.mark.requirement("B09", "B12", "B15")
def test_the_balance_does_not_depend_on_the_order_of_arrival(studio: Studio) -> None:
    rate = studio.ask(taxes.create_tax_rate, name="VAT", basis_points=1900, inclusive=False)["id"]
    sold = {"name": "Course", "kind": "course", "included_sessions": 10, "price": euros(5001), "tax_rate_id": rate}
    sold["payment_plans"] = [THREE]
    course = studio.ask(packages.create_package, **sold)["id"]
    studio.ask(rewards.change_reward_rule, kind="credit", credit=euros(1500))
    seen = []
    for seed in range(ORDERS):
        buyer = Buyer(studio, course, random.Random(seed))
        _let_happen(buyer)
        books = buyer.books()
        assert sum(books.values()) == 0
        assert studio.ask(accounts.get_account, contact_id=buyer.id)["dues"] == [euros(books["receivable"])]
        assert studio.ask(credit.get_credit, contact_id=buyer.id)["balances"] == [euros(-books["account_credit"])]
        seen.append(books)
    studio.ask(rewards.change_reward_rule, credit=None)
    assert seen == seen[:1] * ORDERS
    assert min(abs(seen[0][account]) for account in ("cash", "card_provider", "bank", "losses", "given_away")) > 0


def _let_happen(buyer: Buyer) -> None:
    """Each goes on by a step whenever its turn comes, until all are over."""
    going = [happening(buyer) for happening in HAPPENINGS]
    while going:
        one = buyer.chance.choice(going)
        if next(one, "over") == "over":
            going.remove(one)

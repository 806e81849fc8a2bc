"""Giving back what was bought item by item, from the payment or from the order, with a credit note each time."""

from __future__ import annotations

from functools import partial

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from contracts.billing import accounts, credit_notes, invoices, orders, payments, taxes
from contracts.errors import Conflict, Invalid, NotFound
from tests.builders.at_once import at_once

pytestmark = pytest.mark.requirement("B06", "B15")


def euros(amount: int) -> dict:
    return {"amount": amount, "currency": "EUR"}


class Sale:
    """An order of a membership (49.00 and 19 % on top) and of two towels (3.00 each, 7 % within)."""

    total = 4900 + 931 + 600

    def __init__(self, ask, a_package, a_buyer) -> None:
        def rate(points: int, inclusive: bool) -> str:
            return ask(taxes.create_tax_rate, name="VAT", basis_points=points, inclusive=inclusive)["id"]

        self.ask, self.contact = ask, a_buyer()
        gold = a_package(amount=4900, tax_rate_id=rate(1900, False))
        towel = a_package(kind="product", amount=300, tax_rate_id=rate(700, True))
        items = [{"package_id": gold["id"]}, {"package_id": towel["id"], "quantity": 2}]
        self.order = ask(orders.place_order, contact_id=self.contact, items=items)
        self.gold, self.towels = (item["id"] for item in self.order["items"])

    def pay(self, method: str = "cash", **more) -> dict:
        return self.ask(payments.take_payment, order_id=self.order["id"], method=method, **more)

    @property
    def invoice(self) -> dict:
        return self.ask(invoices.get_invoice, invoice_id=self.order["invoice_id"])

    @property
    def notes(self) -> list[dict]:
        found = self.ask(credit_notes.list_credit_notes, invoice_id=self.order["invoice_id"], sort="oldest")
        return found["items"]

    @property
    def now(self) -> dict:
        return self.ask(orders.get_order, order_id=self.order["id"])


@pytest.fixture
def sale(ask, a_package, a_buyer):
    return Sale(ask, a_package, a_buyer)


def in_the_books(billing, contact: str) -> dict[str, int]:
    summed = "SELECT account, sum(amount)::bigint FROM ledger_entries WHERE contact_id = :id GROUP BY 1"
    with billing.connect() as connection:
        return {account: amount for account, amount in connection.execute(sa.text(summed), {"id": contact}) if amount}


@pytest.mark.parametrize("method", ["cash", "card"])
def test_an_item_given_back_whole_has_a_credit_note_and_takes_its_package_back(ask, sale, told_of, billing, method):
    payment = sale.pay(method)
    part = [{"item_id": sale.towels, "amount": euros(100)}]
    after = ask(payments.refund_payment, payment_id=payment["id"], items=part, reason="A stain")
    assert (after["refunded"], sale.notes[0]["reason"]) == (euros(100), "A stain")
    assert [line["total"] for line in sale.notes[0]["lines"]] == [euros(100)]
    refunded = ask(payments.refund_payment, payment_id=payment["id"], items=[{"item_id": sale.gold}])
    first, second = sale.notes
    assert second["number"] == first["number"] + 1
    assert (second["net"], second["tax"], second["total"]) == (euros(4900), euros(931), euros(5831))
    assert [refund["credit_note_id"] for refund in refunded["refunds"]] == [first["id"], second["id"]]
    assert (sale.now["state"], sale.now["credited"], sale.now["due"]) == ("paid", euros(5931), euros(0))
    assert [line["credited"] for line in sale.invoice["lines"]] == [euros(5831), euros(100)]
    packages = {one["kind"]: one["state"] for one in ask(accounts.get_account, contact_id=sale.contact)["packages"]}
    assert packages == {"membership": "reversed", "product": "active"}
    types = [type for type, _ in told_of(sale.contact)]
    assert types.count("credit_note.issued") == 2
    assert types[-2:] == ["package.reversed", "credit_note.issued"]
    ask(payments.refund_payment, payment_id=payment["id"])
    assert (sale.now["state"], in_the_books(billing, sale.contact)) == ("refunded", {})


def test_an_order_gives_its_newest_payments_back_first(ask, sale, billing):
    first = sale.pay("cash", amount=euros(5000))
    second = sale.pay("card")
    items = [{"item_id": sale.gold, "amount": euros(2000)}]
    ask(orders.get_order, order_id=sale.order["id"])
    after = ask(payments.refund_order, order_id=sale.order["id"], items=items)
    assert (after["refunded"], after["credited"], after["due"]) == (euros(2000), euros(2000), euros(0))
    given = [ask(payments.get_payment, payment_id=one["id"])["refunded"] for one in (first, second)]
    assert given == [euros(2000 - 1431), euros(1431)]
    assert [sum(line["total"]["amount"] for line in note["lines"]) for note in sale.notes] == [569, 1431]
    whole = ask(payments.refund_order, order_id=sale.order["id"], reason="Moved away")
    assert (whole["state"], whole["refunded"]) == ("refunded", euros(sale.total))
    assert in_the_books(billing, sale.contact) == {}
    with pytest.raises(Conflict):
        ask(payments.refund_order, order_id=sale.order["id"])


@pytest.mark.requirement("B13")
@pytest.mark.parametrize("door", [payments.refund_payment, payments.refund_order], ids=lambda door: door.name)
def test_what_was_free_beside_what_was_paid_is_taken_back_by_itself_or_with_it(ask, a_package, a_buyer, told_of, door):
    def states() -> list[str]:
        packages = ask(accounts.get_account, contact_id=contact)["packages"]
        return [next(one["state"] for one in packages if one["package_id"] == each) for each in (course, towel, pack)]

    contact, gift = a_buyer(), {"basis_points": 10_000, "reason": "A gift"}
    towel, course = a_package(kind="product", amount=300)["id"], a_package(kind="course", amount=4900)["id"]
    pack = a_package(kind="credit_pack", amount=900, included_sessions=3)["id"]
    items = [{"package_id": course, "discount": gift}, {"package_id": towel}, {"package_id": pack, "discount": gift}]
    order = ask(orders.place_order, contact_id=contact, items=items)
    first, second, third = ({"item_id": item["id"]} for item in order["items"])
    whose = {"payment_id": ask(payments.take_payment, order_id=order["id"], method="cash")["id"]}
    whose = {"order_id": order["id"]} if door is payments.refund_order else whose
    ask(door, **whose, items=[first])
    assert states() == ["reversed", "active", "active"]
    for again, pointer in ((first, "/items/0/item_id"), (third | {"amount": euros(1)}, "/items/0/item_id")):
        with pytest.raises(Invalid) as refused:
            ask(door, **whose, items=[again])
        assert [error["pointer"] for error in refused.value.errors] == [pointer]
    ask(door, **whose, items=[second, third])
    assert states() == ["reversed"] * 3
    assert ask(orders.get_order, order_id=order["id"])["state"] == "refunded"
    assert [type for type, _ in told_of(contact)].count("package.reversed") == 3


def test_asked_with_one_key_it_is_given_back_once(ask, sale):
    sale.pay("cash", amount=euros(5000))
    sale.pay("cash")
    key = new_id()
    asked = {"order_id": sale.order["id"], "amount": euros(2000), "key": key}
    answers = [ask(payments.refund_order, **asked) for _ in range(2)]
    assert answers[0] == answers[1] == sale.now
    assert sale.now["refunded"] == euros(2000)


def test_a_key_that_was_used_at_one_door_is_another_one_at_the_next(ask, sale, a_package, a_buyer):
    payment, key = sale.pay(), new_id()
    other = Sale(ask, a_package, a_buyer)
    other.pay(key=key)
    ask(payments.refund_payment, payment_id=payment["id"], key=key)
    assert ask(payments.refund_order, order_id=other.order["id"], key=key)["refunded"] == euros(Sale.total)


def test_a_refund_goes_to_account_credit_and_is_spent_again(ask, sale, a_package, billing):
    payment = sale.pay("card")
    given = ask(
        payments.refund_payment, payment_id=payment["id"], items=[{"item_id": sale.towels}], to="account_credit"
    )
    assert given["refunds"][0]["to"] == "account_credit"
    tea = a_package(kind="product", amount=500)
    order = ask(orders.place_order, contact_id=sale.contact, items=[{"package_id": tea["id"]}])
    spent = ask(payments.take_payment, order_id=order["id"], method="account_credit")
    assert (spent["state"], spent["method"]) == ("taken", "account_credit")
    assert in_the_books(billing, sale.contact)["account_credit"] == -100
    back = ask(payments.refund_payment, payment_id=spent["id"])
    assert back["refunds"][0]["to"] == "account_credit"
    assert in_the_books(billing, sale.contact)["account_credit"] == -600
    assert ask(accounts.get_account, contact_id=sale.contact)["dues"] == []


def test_what_makes_no_sense_is_refused_where_it_is_wrong_and_nothing_is_given_back(ask, sale):
    paid_in_part = sale.pay(amount=euros(100))
    with pytest.raises(Conflict, match="once it is paid"):
        ask(payments.refund_payment, payment_id=paid_in_part["id"], items=[{"item_id": sale.gold}])
    payment = sale.pay()
    gold, towels = {"item_id": sale.gold}, {"item_id": sale.towels}
    dollars = {"amount": 1, "currency": "USD"}
    wrong = [
        ({"items": [towels], "amount": euros(1)}, "/amount"),
        ({"items": []}, "/items"),
        ({"items": [{"item_id": new_id()}]}, "/items/0/item_id"),
        ({"items": [towels, towels]}, "/items/0/item_id"),
        ({"items": [towels, gold | {"amount": euros(5832)}]}, "/items/1/amount/amount"),
        ({"items": [gold | {"amount": euros(0)}]}, "/items/0/amount/amount"),
        ({"items": [gold | {"amount": euros(2**64)}]}, "/items/0/amount/amount"),
        ({"items": [gold | {"amount": dollars}]}, "/items/0/amount/currency"),
        ({"items": [gold, towels]}, "/items"),
        ({"amount": dollars}, "/amount/currency"),
        ({"amount": euros(sale.total)}, "/amount/amount"),
        ({"to": "the moon"}, "/to"),
    ]
    for asked, pointer in wrong:
        with pytest.raises(Invalid) as refused:
            ask(payments.refund_payment, payment_id=payment["id"], **asked)
        assert [error["pointer"] for error in refused.value.errors] == [pointer]
    for asked, pointer in wrong[:8]:
        with pytest.raises(Invalid) as refused:
            ask(payments.refund_order, order_id=sale.order["id"], **asked)
        assert [error["pointer"] for error in refused.value.errors] == [pointer]
    for rpc, which in ((payments.refund_order, "order_id"), (credit_notes.get_credit_note, "credit_note_id")):
        with pytest.raises(NotFound):
            ask(rpc, **{which: new_id()})
    assert (sale.now["refunded"], sale.notes) == (euros(0), [])


def test_an_item_is_not_given_back_twice_however_many_ask_at_once(ask, sale):
    payment = sale.pay("card")

    give_back = partial(ask, payments.refund_payment, payment_id=payment["id"], items=[{"item_id": sale.towels}])
    answers = at_once([give_back] * 4, workers=4, refusals=(Invalid,))
    assert sum(not isinstance(answer, Invalid) for answer in answers) == 1
    assert sale.now["refunded"] == euros(600)

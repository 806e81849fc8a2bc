"""Invoices: numbered without a gap, whoever asks at once and whatever is taken back."""

from __future__ import annotations

from functools import partial

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from contracts.billing import invoices, orders, payments
from contracts.errors import Broken, Invalid, NotFound
from tests.builders.at_once import at_once


def euros(amount: int) -> dict:
    return {"amount": amount, "currency": "EUR"}


def invoice_of(ask, order: dict) -> dict:
    return ask(invoices.get_invoice, invoice_id=order["invoice_id"])


def numbers_told(told) -> list[tuple[str, int]]:
    return [(type, data["number"]) for type, data in told if type.startswith("invoice.")]


@pytest.mark.requirement("B07")
def test_an_order_is_asked_for_by_an_invoice_that_says_the_same(ask, an_order, told_of):
    order = an_order(amount=4900, sign_up_fee=euros(1000))
    invoice = invoice_of(ask, order)
    assert (invoice["state"], invoice["cause"], invoice["cause_id"]) == ("open", "order", order["id"])
    assert (invoice["total"], invoice["due"], invoice["issued_by"]) == (euros(5900), euros(5900), "Olive Owner")
    (line,) = invoice["lines"]
    assert (line["quantity"], line["unit_price"], line["fee"], line["tax"]) == (1, euros(4900), euros(1000), None)
    ask(payments.take_payment, order_id=order["id"], method="cash", amount=euros(900))
    assert invoice_of(ask, order)["due"] == euros(5000)
    ask(payments.take_payment, order_id=order["id"], method="card")
    paid = invoice_of(ask, order)
    assert (paid["state"], paid["due"], paid["paid"]) == ("paid", euros(0), euros(5900))
    assert paid["closed_at"]
    number = invoice["number"]
    assert numbers_told(told_of(order["contact_id"])) == [("invoice.issued", number), ("invoice.paid", number)]


@pytest.mark.requirement("B07", "B15")
def test_fifty_at_once_some_taken_back_leave_numbers_without_a_gap(ask, a_package, a_buyer, billing):
    towel, contact = a_package(kind="product", amount=100), a_buyer()
    with billing.begin() as connection:  # whatever happens after the number was drawn takes it back
        connection.execute(
            sa.text(f"""
            CREATE FUNCTION refuse_some() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NEW.contact_id = '{contact}' AND random() < 0.3 THEN RAISE EXCEPTION 'taken back'; END IF;
                RETURN NULL;
            END $$""")
        )
        connection.execute(
            sa.text("""
            CREATE CONSTRAINT TRIGGER refuse_some AFTER INSERT ON invoices DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION refuse_some()""")
        )
    items = [{"package_id": towel["id"]}]

    place = partial(ask, orders.place_order, contact_id=contact, items=items)
    try:
        answers = at_once([place] * 50, workers=10, refusals=(Broken,))
        placed = sum(not isinstance(answer, Broken) for answer in answers)
    finally:
        with billing.begin() as connection:
            connection.execute(sa.text("DROP TRIGGER refuse_some ON invoices; DROP FUNCTION refuse_some"))
    with billing.connect() as connection:
        all_of_them = connection.execute(sa.text("SELECT number FROM invoices ORDER BY number")).scalars().all()
        mine = sa.text("SELECT count(*) FROM invoices WHERE contact_id = :contact")
        assert connection.scalar(mine, {"contact": contact}) == placed < 50
    assert all_of_them == list(range(1, len(all_of_them) + 1))


@pytest.mark.requirement("B07")
def test_what_costs_nothing_has_no_invoice(ask, an_order):
    order = an_order(kind="trial", amount=0)
    assert order["invoice_id"] is None
    assert ask(invoices.list_invoices, contact_id=order["contact_id"])["items"] == []


@pytest.mark.requirement("B07")
def test_an_order_that_is_cancelled_has_a_void_invoice_that_nobody_pays(ask, an_order, told_of):
    order = an_order()
    ask(orders.cancel_order, order_id=order["id"], reason="A slip")
    invoice = invoice_of(ask, order)
    assert (invoice["state"], invoice["due"], invoice["reason"]) == ("void", euros(0), "A slip")
    assert told_of(order["contact_id"])[-2][0] == "invoice.voided"


@pytest.mark.requirement("B07")
def test_invoices_are_listed_by_what_is_asked_for(ask, a_buyer, a_package):
    contact = a_buyer()
    placed = [
        ask(orders.place_order, contact_id=contact, items=[{"package_id": a_package(amount=amount)["id"]}])
        for amount in (300, 100, 200)
    ]
    ask(orders.cancel_order, order_id=placed[1]["id"])

    def listed(**asked) -> list[int]:
        page = ask(invoices.list_invoices, contact_id=contact, **asked)
        return [one["total"]["amount"] for one in page["items"]]

    assert listed() == [200, 100, 300]
    assert (listed(sort="oldest"), listed(sort="total"), listed(sort="-total", limit=2)) == (
        [300, 100, 200], [100, 200, 300], [300, 200],
    )  # fmt: skip
    assert (listed(state="void"), listed(state="open")) == ([100], [200, 300])
    number = invoice_of(ask, placed[2])["number"]
    assert (listed(number=number), listed(number=number + 10**6)) == ([200], [])
    assert listed(cause_id=placed[0]["id"]) == [300]
    day = placed[0]["placed_at"][:10]
    assert (listed(issued_from="2020-01-01", issued_until="9999-12-31"), listed(issued_until="2020-01-01")) == (
        [200, 100, 300], [],
    )  # fmt: skip
    assert listed(issued_from=day)
    first = ask(invoices.list_invoices, contact_id=contact, limit=2)
    second = ask(invoices.list_invoices, contact_id=contact, limit=2, cursor=first["next"])
    assert ([one["total"]["amount"] for one in second["items"]], second["next"]) == ([300], None)


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"state": "lost"}, "/state"),
        ({"number": 0}, "/number"),
        ({"number": 2**70}, "/number"),
        ({"issued_from": "yesterday"}, "/issued_from"),
        ({"issued_from": "2026-02-02", "issued_until": "2026-02-01"}, "/issued_until"),
        ({"sort": "colour"}, "/sort"),
        ({"contact_id": "a\x00b"}, "/contact_id"),
        ({"cursor": "nonsense"}, "/cursor"),
    ],
)
def test_a_list_that_makes_no_sense_is_refused_by_field(ask, asked, pointer):
    with pytest.raises(Invalid) as refused:
        ask(invoices.list_invoices, **asked)
    assert [error["pointer"] for error in refused.value.errors] == [pointer]


def test_an_invoice_that_is_none_is_not_found(ask):
    with pytest.raises(NotFound):
        ask(invoices.get_invoice, invoice_id=new_id())

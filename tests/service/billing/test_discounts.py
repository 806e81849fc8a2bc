"""Discounts on what is ordered, through the door."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from chassis.actor import Actor
from chassis.ids import new_id
from contracts.billing import accounts, credit_notes, invoices, orders, papers, payments, plans, taxes
from contracts.contacts import settings
from contracts.errors import Forbidden, Invalid
from tests.builders.waiting import eventually
from tests.service.billing.collecting import THREE
from tests.service.billing.test_papers import words_of

pytestmark = pytest.mark.requirement("B13")
WHY = {"reason": "A friend of the house"}
FIFTH = {"basis_points": 2000} | WHY
QUARTER = {"basis_points": 2500} | WHY


def off(amount: int) -> dict:
    return {"amount": {"amount": amount}}


def euros(amount: int) -> dict:
    return {"amount": amount, "currency": "EUR"}


@pytest.fixture
def a_sale(ask, a_package, a_buyer):
    """`a_sale(discount=…, own=…)`: a membership (49.00, fee 10.00, 19 % on top) and three bars (2.50, 7 % within)."""

    def build(own=None, **more) -> dict:
        def rate(points: int, inclusive: bool) -> str:
            return ask(taxes.create_tax_rate, name="VAT", basis_points=points, inclusive=inclusive)["id"]

        gold = a_package(amount=4900, sign_up_fee=euros(1000), tax_rate_id=rate(1900, False))
        bar = a_package(kind="product", name="Bar", amount=250, tax_rate_id=rate(700, True))
        items = [
            {"package_id": gold["id"]},
            {"package_id": bar["id"], "quantity": 3} | ({"discount": own} if own else {}),
        ]
        return ask(orders.place_order, **({"contact_id": a_buyer(), "items": items} | more))

    return build


@pytest.mark.requirement("B15", "B06", "B07")
def test_invoice_refund_and_credit_note_are_of_what_is_left(house, ask, a_sale, told_of, billing):
    order = a_sale(own={"amount": {"amount": 50}} | WHY, discount=QUARTER)
    contact = order["contact_id"]
    assert (order["discount"]["amount"], order["discount"]["basis_points"]) == (euros(1650), 2500)
    assert {order["discount"]["given_by"]} == {order["placed_by"]} == {order["items"][1]["discount"]["given_by"]}
    shown = [(item["amount"], item["reduction"], item["tax"], item["total"]) for item in order["items"]]
    assert shown == [
        (euros(5900), euros(1475), euros(841), euros(5266)), (euros(750), euros(225), euros(34), euros(525)),
    ]  # fmt: skip
    assert (order["reduction"], order["total"], order["due"]) == (euros(1700), euros(5791), euros(5791))
    placed = dict(told_of(contact))["order.placed"]
    assert (placed["discount"], placed["reduction"], placed["total"]) == (order["discount"], euros(1700), euros(5791))
    invoice = ask(invoices.get_invoice, invoice_id=order["invoice_id"])
    assert (invoice["total"], [line["reduction"] for line in invoice["lines"]]) == (
        euros(5791),
        [euros(1475), euros(225)],
    )
    said = words_of(house, ask(papers.get_invoice_pdf, invoice_id=order["invoice_id"]))
    assert "less 14.75 EUR" in said
    assert "57.91 EUR" in said
    paid = ask(payments.take_payment, order_id=order["id"], method="cash")
    ask(payments.refund_payment, payment_id=paid["id"], items=[{"item_id": order["items"][1]["id"]}])
    ask(payments.refund_payment, payment_id=paid["id"])
    notes = ask(credit_notes.list_credit_notes, invoice_id=order["invoice_id"], sort="oldest")["items"]
    assert [(note["total"], note["tax"]) for note in notes] == [(euros(525), euros(34)), (euros(5266), euros(841))]
    assert ask(orders.get_order, order_id=order["id"])["state"] == "refunded"
    summed = "SELECT account, sum(amount)::bigint FROM ledger_entries WHERE contact_id = :id GROUP BY 1"
    with billing.connect() as connection:
        assert not any(amount for _, amount in connection.execute(sa.text(summed), {"id": contact}))


def test_an_order_with_nothing_left_to_pay_is_settled_at_once(ask, a_sale):
    order = a_sale(discount={"basis_points": 10_000} | WHY)
    assert (order["state"], order["total"], order["invoice_id"]) == ("paid", euros(0), None)
    packages = ask(accounts.get_account, contact_id=order["contact_id"])["packages"]
    assert {one["state"] for one in packages} == {"active"}


@pytest.mark.requirement("B08")
def test_a_payment_plan_parts_what_is_left(ask, a_package, a_buyer):
    course = a_package(kind="course", amount=10_000, payment_plans=[THREE])
    asked = {"contact_id": a_buyer(), "items": [{"package_id": course["id"]}], "payment_plan": {"key": "three"}}
    order = ask(orders.place_order, **asked, discount=QUARTER)
    instalments = ask(plans.list_instalments, payment_plan_id=order["payment_plan_id"])["items"]
    assert [one["amount"] for one in instalments] == [euros(2500)] * 3
    with pytest.raises(Invalid) as refused:
        ask(orders.place_order, **asked, discount={"amount": {"amount": 9998}} | WHY)
    assert refused.value.errors[0]["pointer"] == "/payment_plan"


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"basis_points": 10_001} | WHY, "/discount/basis_points"),
        ({"basis_points": 0} | WHY, "/discount/basis_points"),
        ({"basis_points": -1} | WHY, "/discount/basis_points"),
        ({"basis_points": 2.5} | WHY, "/discount/basis_points"),
        ({"basis_points": None} | WHY, "/discount/basis_points"),
        ({"amount": {"amount": -5}} | WHY, "/discount/amount/amount"),
        ({"amount": {"amount": 2**70}} | WHY, "/discount/amount/amount"),
        ({"amount": {"amount": 5, "currency": "USD"}} | WHY, "/discount/amount/currency"),
        ({"amount": {"amount": 6651}} | WHY, "/discount/amount/amount"),
        (QUARTER | {"amount": {"amount": 5}}, "/discount"),
        (WHY, "/discount"),
        ({"basis_points": 1}, "/discount/reason"),
        ({"basis_points": 1, "reason": "a\x00b"}, "/discount/reason"),
        (None, "/discount"),
        ("10 %", "/discount"),
    ],
)
def test_a_discount_that_makes_no_sense_is_refused_by_field(a_sale, asked, pointer):
    with pytest.raises(Invalid) as refused:
        a_sale(discount=asked)
    assert [error["pointer"] for error in refused.value.errors] == [pointer]


@pytest.mark.requirement("G05")
def test_who_may_sell_may_not_therefore_give_discounts(ask, a_package, a_buyer):
    items = [{"package_id": a_package()["id"]}]
    till = Actor(id=new_id(), role="api", name="A till", scopes=frozenset({"billing.sell"}))
    assert ask(orders.place_order, actor=till, contact_id=a_buyer(), items=items)["state"] == "open"
    for more in ({"discount": QUARTER}, {"items": [items[0] | {"discount": QUARTER}]}):
        with pytest.raises(Forbidden):
            ask(orders.place_order, **({"actor": till, "contact_id": a_buyer(), "items": items} | more))
    assert ask(orders.place_order, actor="sales", contact_id=a_buyer(), items=items, discount=FIFTH)["discount"]


@pytest.fixture
def asking(ask, a_package, a_buyer):
    """`asking("sales", whole=…, own=…)`: order Gold (49.00) and three bars (2.51); the fields that were refused."""
    gold, bars = a_package()["id"], a_package(kind="product", amount=251)["id"]

    def order(actor, *, whole=None, own=None) -> list[str]:
        items = [{"package_id": gold}, {"package_id": bars, "quantity": 3} | ({"discount": own | WHY} if own else {})]
        more = {"discount": whole | WHY} if whole else {}
        try:
            ask(orders.place_order, actor=actor, contact_id=a_buyer(), items=items, **more)
        except Forbidden as refused:
            return [error["pointer"] for error in refused.errors]
        return []

    return order


@pytest.mark.requirement("G05")
def test_more_than_a_fifth_is_given_by_those_alone_who_may_force_it(asking):
    till = Actor(id=new_id(), role="api", name="A till", scopes=frozenset({"billing.sell", "orders.discount"}))
    everything, over = {"basis_points": 10_000}, {"basis_points": 2002}
    for whole, own, refused in (
        (FIFTH, None, []),
        (None, FIFTH, []),
        (off(1131), None, []),  # a fifth of 56.53 is 11.306, rounded as any discount is
        (off(1132), None, ["/discount"]),
        (None, off(151), []),  # of 7.53 it is 1.506
        (None, off(152), ["/items/1/discount"]),
        (off(980), off(151), []),
        (off(981), off(151), ["/discount"]),
        (over, off(152), ["/items/1/discount", "/discount"]),
        (everything, everything, ["/items/1/discount", "/discount"]),
        (None, everything, ["/items/1/discount"]),
    ):
        found = {role: asking(role, whole=whole, own=own) for role in ("owner", "admin", "sales")}
        assert found == {"owner": [], "admin": [], "sales": refused}, (whole, own)
    assert asking(till, whole=FIFTH) == []
    assert asking(till, whole=over) == ["/discount"]


def test_the_business_says_how_much_it_is(ask, asking):
    half, more = {"basis_points": 5000}, {"basis_points": 5002}
    ask(settings.change_settings, discount_limit=5000)
    eventually(lambda: asking("sales", whole=half) == [])
    assert asking("sales", whole=more) == ["/discount"]
    ask(settings.change_settings, discount_limit=0)
    eventually(lambda: asking("sales", whole={"basis_points": 100}) == ["/discount"])
    ask(settings.change_settings, discount_limit=None)
    eventually(lambda: asking("sales", whole=FIFTH) == [])

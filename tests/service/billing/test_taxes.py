"""Taxes: as they are chosen for packages, and as they are charged."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from contracts.billing import invoices, orders, packages, payments, taxes
from contracts.errors import Forbidden, Invalid, NotFound, Stale


def euros(amount: int) -> dict:
    return {"amount": amount, "currency": "EUR"}


@pytest.fixture
def a_rate(ask):
    def build(basis_points: int = 1900, inclusive: bool = False) -> str:
        return ask(taxes.create_tax_rate, name="VAT", basis_points=basis_points, inclusive=inclusive)["id"]

    return build


@pytest.mark.requirement("B13", "B02", "B15")
def test_tax_is_charged_per_item_as_it_was_when_it_was_sold(ask, a_rate, a_package, a_buyer, billing):
    on_top, within, contact = a_rate(1900), a_rate(700, inclusive=True), a_buyer()
    gold = a_package(name="Gold", amount=4900, sign_up_fee=euros(1000), tax_rate_id=on_top)
    bar = a_package(kind="product", name="Bar", amount=250, tax_rate_id=within)
    towel = a_package(kind="product", name="Towel", amount=300)
    items = [{"package_id": gold["id"]}, {"package_id": bar["id"], "quantity": 3}, {"package_id": towel["id"]}]
    order = ask(orders.place_order, contact_id=contact, items=items)
    shown = [(item["amount"], item["tax"], item["total"]) for item in order["items"]]
    assert shown == [
        (euros(5900), euros(1121), euros(7021)), (euros(750), euros(49), euros(750)),
        (euros(300), euros(0), euros(300)),
    ]  # fmt: skip
    assert order["total"] == order["due"] == euros(7021 + 750 + 300)
    ask(packages.change_package, package_id=gold["id"], tax_rate_id=None)
    ask(taxes.change_tax_rate, tax_rate_id=on_top, name="Old VAT", archived=True)
    invoice = ask(invoices.get_invoice, invoice_id=order["invoice_id"])
    assert (invoice["net"], invoice["tax"], invoice["total"]) == (euros(6901), euros(1170), order["total"])
    assert invoice["lines"][0]["tax"] == {"name": "VAT", "basis_points": 1900, "inclusive": False}
    paid = ask(payments.take_payment, order_id=order["id"], method="cash")
    assert paid["amount"] == order["total"]
    later = ask(orders.place_order, contact_id=contact, items=items[:1])
    assert later["total"] == euros(5900)
    ask(payments.refund_payment, payment_id=paid["id"])
    collected = "SELECT coalesce(sum(amount), 0) FROM ledger_entries WHERE contact_id = :id AND account = 'tax'"
    with billing.connect() as connection:
        assert connection.scalar(sa.text(collected), {"id": contact}) == 0


@pytest.mark.requirement("B13")
def test_a_rate_is_renamed_and_put_away_and_never_becomes_another(ask, a_rate, a_package):
    rate = a_rate(700)
    before = ask(taxes.get_tax_rate, tax_rate_id=rate)
    gold = a_package(tax_rate_id=rate)
    after = ask(taxes.change_tax_rate, tax_rate_id=rate, name="Reduced", archived=True, expected_version=1)
    assert (after["name"], after["archived"], after["version"]) == ("Reduced", True, 2)
    assert (before["basis_points"], after["basis_points"]) == (700, 700)
    assert ask(taxes.change_tax_rate, tax_rate_id=rate, name="Reduced") == after
    with pytest.raises(Stale):
        ask(taxes.change_tax_rate, tax_rate_id=rate, name="Again", expected_version=1)
    for change in ({"basis_points": 1}, {"inclusive": True}):
        with pytest.raises(Invalid):
            ask(taxes.change_tax_rate, tax_rate_id=rate, **change)
    assert rate in [one["id"] for one in ask(taxes.list_tax_rates, archived=True, limit=200)["items"]]
    assert rate not in [one["id"] for one in ask(taxes.list_tax_rates, archived=False, limit=200)["items"]]
    assert ask(packages.change_package, package_id=gold["id"], name="Gold still")["tax_rate_id"] == rate
    with pytest.raises(Invalid) as refused:
        a_package(tax_rate_id=rate)
    assert refused.value.errors[0]["pointer"] == "/tax_rate_id"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"basis_points": -1}, "/basis_points"),
        ({"basis_points": 10_001}, "/basis_points"),
        ({"basis_points": 19.5}, "/basis_points"),
        ({"basis_points": 2**70}, "/basis_points"),
        ({"inclusive": "perhaps"}, "/inclusive"),
        ({"inclusive": None}, "/inclusive"),
        ({"name": ""}, "/name"),
        ({"name": "a\x00b"}, "/name"),
        ({"rate": 19}, "/rate"),
    ],
)
def test_a_rate_that_makes_no_sense_is_refused_by_field(ask, change, pointer):
    with pytest.raises(Invalid) as refused:
        ask(taxes.create_tax_rate, **({"name": "VAT", "basis_points": 1900, "inclusive": True} | change))
    assert [error["pointer"] for error in refused.value.errors] == [pointer]


def test_rates_are_for_who_manages_packages_and_unknown_ones_are_not_found(ask, a_package):
    with pytest.raises(Forbidden):
        ask(taxes.create_tax_rate, actor="sales", name="VAT", basis_points=1, inclusive=True)
    for rpc in (taxes.get_tax_rate, taxes.change_tax_rate):
        with pytest.raises(NotFound):
            ask(rpc, tax_rate_id=new_id())
    gold = a_package()
    with pytest.raises(Invalid) as refused:
        ask(packages.change_package, package_id=gold["id"], tax_rate_id=new_id())
    assert refused.value.errors[0]["pointer"] == "/tax_rate_id"

"""What discounts take off, over any order."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from contracts.billing.discounts import AskedDiscount
from contracts.errors import Invalid
from services.billing.orders.discounts import spread_evenly
from services.billing.orders.pricing import priced
from services.billing.packages.model import PackageVersion
from services.billing.taxes.model import TaxRate
from tests.builders.examples import examples

pytestmark = pytest.mark.requirement("B13", "B15")
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=12)


def discount(**what):
    return AskedDiscount().load(what | {"reason": "A friend of the house"})


def a_version(price: int, fee: int = 0, tax: tuple[int, bool] | None = None) -> PackageVersion:
    version = PackageVersion(currency="EUR", price=price, sign_up_fee=fee)
    if tax is not None:
        version.tax_rate = TaxRate(id="vat", name="VAT", basis_points=tax[0], inclusive=tax[1])
    return version


@given(WEIGHTS, st.integers(0, 10_000))
@settings(max_examples=examples(2000), deadline=None)
def test_an_amount_is_spread_exactly_and_as_evenly_as_whole_units_are(weights, part):
    whole = sum(weights)
    amount = whole * part // 10_000
    parts = spread_evenly(amount, weights)
    assert sum(parts) == amount
    for got, weight in zip(parts, weights, strict=True):
        assert 0 <= got <= weight
        assert abs(got * whole - amount * weight) < max(whole, 1)


@pytest.mark.parametrize(
    ("amount", "weights", "parts", "why"),
    [
        (2, [1, 1, 1], [1, 1, 0], "of equals the first"),
        (10, [3333, 3333, 3334], [3, 3, 4], "the largest remainder"),
        (7, [0, 7], [0, 7], "what costs nothing has no part"),
        (0, [5, 5], [0, 0], "nothing"),
        (0, [0, 0], [0, 0], "of nothing"),
    ],
)
def test_what_does_not_divide_goes_to_the_largest_remainders(amount, weights, parts, why):
    assert spread_evenly(amount, weights) == parts, why


TAXES = st.none() | st.tuples(st.integers(0, 10_000), st.booleans())
LINES = st.lists(
    st.tuples(
        st.builds(a_version, st.integers(0, 10**6), st.integers(0, 10**5), TAXES),
        st.integers(1, 50),
        st.none() | st.integers(1, 10_000),
    ),
    min_size=1,
    max_size=8,
)


@given(LINES, st.integers(0, 10**7), st.booleans())
@settings(max_examples=examples(1000), deadline=None)
def test_the_items_sum_up_to_the_order_and_none_is_below_zero(lines, off, by_part):
    own = [points and discount(basis_points=points) for _, _, points in lines]
    bare = priced([line[:2] for line in lines], own=own, of_order=None, given_by="Ada")
    left = sum(item.amount - item.reduction for item in bare.items)
    if by_part:
        whole = discount(basis_points=off % 10_000 + 1)
    else:
        whole = discount(amount={"amount": off % left + 1}) if left else None
    price = priced([line[:2] for line in lines], own=own, of_order=whole, given_by="Ada")
    assert price.total == sum(item.parts.total for item in price.items)
    of_order = price.discount["amount"] if price.discount else 0
    of_items = sum(item.discount["amount"] for item in price.items if item.discount)
    assert sum(item.reduction for item in price.items) == of_items + of_order
    for item in price.items:
        assert 0 <= item.reduction <= item.amount
        assert 0 <= item.parts.tax <= item.parts.total
        tax = item.version.tax
        assert item.added_tax == (item.parts.tax if tax and not tax.inclusive else 0)


@pytest.mark.parametrize(
    ("own", "of_order", "pointer"),
    [
        ({"amount": {"amount": 1001}}, None, "/items/0/discount/amount/amount"),
        ({"amount": {"amount": 1, "currency": "USD"}}, None, "/items/0/discount/amount/currency"),
        (None, {"amount": {"amount": 1001}}, "/discount/amount/amount"),
        (None, {"amount": {"amount": 1, "currency": "USD"}}, "/discount/amount/currency"),
        ({"basis_points": 5000}, {"amount": {"amount": 501}}, "/discount/amount/amount"),
    ],
)
def test_a_discount_of_more_than_there_is_or_of_other_money_is_refused(own, of_order, pointer):
    asked = {"own": [own and discount(**own)], "of_order": of_order and discount(**of_order)}
    with pytest.raises(Invalid) as refused:
        priced([(a_version(900, 100), 1)], **asked, given_by="Ada")
    assert refused.value.errors[0]["pointer"] == pointer

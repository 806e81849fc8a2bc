"""How a promo code is read, and what it takes off, over any order."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from contracts.errors import Invalid
from services.billing.orders.pricing import priced
from services.billing.packages.model import PackageVersion
from services.billing.promo_codes.model import PromoCode
from services.billing.promo_codes.rules import folded
from tests.builders.examples import examples

pytestmark = pytest.mark.requirement("B13", "B15")
LINES = st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 50), st.booleans()), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("straße 10", "capitals and spaces"),
        ("STRASSE10", "a capital of two letters"),
        ("ＳＴＲＡＳＳＥ１０", "wide letters of a phone's keyboard"),
        ("\u2003stra\u00dfe\u00a010 ", "spaces of other widths"),
    ],
)
def test_a_code_is_the_same_however_it_is_typed(typed, why):
    assert folded(typed) == "strasse10", why


@given(LINES, st.none() | st.integers(1, 10**8), st.integers(1, 10_000))
@settings(max_examples=examples(300), deadline=None)
def test_a_code_takes_off_what_it_says_of_what_it_is_for_and_no_more(lines, off, points):
    sold = [
        (PackageVersion(package_id=str(at), currency="EUR", price=each[0]), each[1]) for at, each in enumerate(lines)
    ]
    theirs = [str(at) for at, (_, _, is_for) in enumerate(lines) if is_for]
    code = PromoCode(id="1", code="Spring", off=off, basis_points=None if off else points, package_ids=theirs)
    worth = sum(price * quantity for price, quantity, is_for in lines if is_for)
    less = min(off, worth) if off else (worth * points + 5000) // 10_000
    asked = {"own": [None] * len(sold), "of_order": None, "given_by": "Ada", "code": code}
    if not less:
        with pytest.raises(Invalid):
            priced(sold, **asked)
        return
    price = priced(sold, **asked)
    assert price.promo_code == {"promo_code_id": "1", "code": "Spring", "amount": less}
    assert sum(item.reduction for item in price.items) == less
    for item, (_, _, is_for) in zip(price.items, lines, strict=True):
        assert 0 <= item.reduction <= item.amount * is_for

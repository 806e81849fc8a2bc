"""What of an amount is tax, and what of a credit is."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from services.billing.invoices.rules import Line, credited_part, spread, sum_of
from services.billing.taxes.rules import Split, Tax, half_up, split

AMOUNTS = st.integers(0, 10**12)
TAXES = st.none() | st.builds(Tax, st.just("id"), st.just("VAT"), st.integers(0, 10_000), st.booleans())
LINES = st.builds(Line, st.just("Gold"), st.integers(1, 1000), st.integers(0, 10**9), st.integers(0, 10**6), TAXES)


def vat(basis_points: int, *, inclusive: bool) -> Tax:
    return Tax("id", "VAT", basis_points, inclusive)


@pytest.mark.requirement("B13", "B15")
@pytest.mark.parametrize(
    ("amount", "tax", "net", "of_it", "why"),
    [
        (4900, None, 4900, 0, "no rate, no tax"),
        (4900, vat(1900, inclusive=False), 4900, 931, "on top"),
        (4900, vat(1900, inclusive=True), 4118, 782, "782.35 of it"),
        (11900, vat(1900, inclusive=True), 10000, 1900, "to the cent"),
        (50, vat(100, inclusive=False), 50, 1, "a half goes up"),
        (250, vat(100, inclusive=False), 250, 3, "also where half to even would go down"),
        (49, vat(100, inclusive=False), 49, 0, "less than a half goes down"),
        (10**12, vat(10_000, inclusive=True), 5 * 10**11, 5 * 10**11, "exact beyond what a float holds"),
        (1, vat(0, inclusive=True), 1, 0, "nought per cent"),
    ],
)
def test_a_price_is_parted_into_net_and_tax(amount, tax, net, of_it, why):
    assert split(amount, tax) == (net, of_it), why


@pytest.mark.requirement("B15")
@given(st.integers(0, 10**18), st.integers(1, 10**9))
def test_rounding_is_off_by_no_more_than_a_half(dividend, divisor):
    away = Fraction(half_up(dividend, divisor)) - Fraction(dividend, divisor)
    assert Fraction(-1, 2) < away <= Fraction(1, 2)


@pytest.mark.requirement("B13", "B15")
@given(st.lists(LINES, min_size=1, max_size=20))
def test_an_invoice_is_the_sum_of_its_lines_and_an_inclusive_price_stays_the_price(lines):
    whole = sum_of([line.parts for line in lines])
    assert whole.total == whole.net + whole.tax == sum(line.parts.total for line in lines)
    for line in lines:
        priced = line.unit_price * line.quantity + line.fee
        assert (line.parts.total if line.tax and line.tax.inclusive else line.parts.net) == priced


@pytest.mark.requirement("B06", "B15")
@given(AMOUNTS, TAXES, st.lists(st.integers(1, 100), max_size=8))
def test_credits_in_any_parts_give_back_the_tax_of_the_line_and_no_more(amount, tax, portions):
    line, before, given_back = split(amount, tax), 0, []
    for portion in [*portions, 100]:
        part = min(line.total - before, max(1, line.total * portion // 100)) if portion < 100 else line.total - before
        given_back.append(credited_part(line, before=before, amount=part))
        before += part
    assert all(part.net >= 0 and part.tax >= 0 for part in given_back)
    assert sum_of(given_back) == line


@pytest.mark.requirement("B06")
@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=20), st.data())
def test_an_amount_is_spread_whole_and_no_line_gets_more_than_is_left_of_it(left, data):
    amount = data.draw(st.integers(0, sum(left)))
    parts = spread(amount, left)
    assert sum(parts) == amount
    assert all(0 <= part <= of for part, of in zip(parts, left, strict=True))


def test_more_than_there_is_is_not_spread():
    with pytest.raises(ValueError, match="more than"):
        spread(3, [1, 1])
    assert credited_part(Split(0, 0), before=0, amount=0) == (0, 0)

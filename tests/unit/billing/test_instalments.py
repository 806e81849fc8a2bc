"""What instalments come to, when they are due, and which plans a package may offer."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, strategies as st

from contracts.billing.packages import CreatePackage
from contracts.errors import Invalid
from services.billing.packages.rules import in_currency, new_terms
from services.billing.plans.rules import amounts_of, covered, days_of, next_charge
from services.billing.subscriptions.rules import Cycle
from tests.builders.selling import GIVES

pytestmark = pytest.mark.requirement("B08")
DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2060, 12, 31))
MANY = st.integers(2, 120)


@given(total=st.integers(0, 10**12), many=MANY, first=st.none() | st.integers(0, 10**12))
def test_instalments_add_up_to_the_total_and_none_is_nothing(total, many, first):
    amounts = amounts_of(total, many, first)
    if amounts is None:
        assert total < many or first == 0 or (first is not None and total - first < many - 1)
        return
    assert (sum(amounts), len(amounts)) == (total, many)
    assert min(amounts) > 0
    alike = amounts if first is None else amounts[1:]
    assert alike == sorted(alike, reverse=True)
    assert alike[0] - alike[-1] <= 1


def test_what_does_not_divide_falls_on_the_first_ones():
    assert amounts_of(10000, 3) == [3334, 3333, 3333]
    assert amounts_of(10000, 4, 1000) == [1000, 3000, 3000, 3000]
    assert amounts_of(11, 4, 1) == [1, 4, 3, 3]
    assert amounts_of(2, 3) is None


@given(anchor=DAYS, unit=st.sampled_from(["week", "month"]), count=st.integers(1, 52), many=MANY)
def test_days_follow_each_other_from_the_anchor_on(anchor, unit, count, many):
    days = days_of(anchor, Cycle(unit, count), many)
    assert (days[0], len(days)) == (anchor, many)
    assert all(earlier < later for earlier, later in pairwise(days))
    if unit == "week":
        assert {(later - earlier).days for earlier, later in pairwise(days)} == {7 * count}
    else:
        assert all(day.day == anchor.day or (day + dt.timedelta(1)).day == 1 for day in days)  # or the month's last


@pytest.mark.parametrize(
    ("anchor", "days"),
    [
        ("2027-01-31", "2027-01-31 2027-02-28 2027-03-31 2027-04-30"),  # the 31st again
        ("2028-01-30", "2028-01-30 2028-02-29 2028-03-30 2028-04-30"),  # a leap year
        ("2027-12-31", "2027-12-31 2028-01-31 2028-02-29 2028-03-31"),
    ],
)
def test_the_end_of_the_month_is_kept(anchor, days):
    assert " ".join(map(str, days_of(dt.date.fromisoformat(anchor), Cycle("month", 1), 4))) == days


@given(amounts=st.lists(st.integers(1, 10**6), min_size=2, max_size=20), money=st.integers(0, 10**7))
def test_money_covers_the_earlier_ones_first(amounts, money):
    parts = covered(amounts, money)
    assert sum(parts) == min(money, sum(amounts))
    assert all(
        later == 0 or earlier == amount for (earlier, later), amount in zip(pairwise(parts), amounts, strict=False)
    )


@pytest.mark.parametrize(
    ("failures", "last_payment", "today", "charged"),
    [
        (0, None, "2027-02-01", "2027-02-28"),  # not before its day
        (0, "2027-02-28", "2027-02-28", "2027-03-01"),  # something was paid today
        (0, "2027-01-31", "2027-04-05", "2027-04-05"),  # its day went by while nobody charged it
        (2, "2027-03-01", "2027-03-01", "2027-03-03"),
        (2, "2027-03-03", "2027-03-03", "2027-03-04"),  # a part was paid on the day of the next try
        (2, "2027-03-01", "2027-03-05", "2027-03-05"),
        (4, "2027-03-07", "2027-03-08", None),
    ],
)
def test_an_instalment_is_charged_on_its_days_and_never_on_that_of_another_payment(
    failures, last_payment, today, charged
):
    due, last, now = (day and dt.date.fromisoformat(day) for day in ("2027-02-28", last_payment, today))
    assert str(next_charge(due, failures, last_payment_on=last, today=now)) == str(charged)


def plan(**other: Any) -> dict[str, Any]:
    return {"key": "three", "instalments": 3, "interval": {"unit": "month"}} | other


def made(*plans: dict[str, Any], kind: str = "course", amount: int = 9000, **more: Any) -> dict[str, Any]:
    asked = (
        {"name": "Course", "kind": kind, "price": {"amount": amount}, "payment_plans": list(plans)}
        | GIVES.get(kind, {})
        | more
    )
    return new_terms(kind, in_currency(CreatePackage().load(asked), "EUR"))


def test_a_plan_is_kept_with_what_was_not_said():
    assert made(plan(first_payment={"amount": 500}))["payment_plans"] == [
        {
            "key": "three",
            "instalments": 3,
            "interval": {"unit": "month", "count": 1},
            "first_payment": {"amount": 500, "currency": "EUR"},
        }
    ]


@pytest.mark.parametrize(
    ("terms", "pointer"),
    [
        ({"plans": [plan(), plan()]}, "/payment_plans/1/key"),
        ({"plans": [plan()], "kind": "trial"}, "/payment_plans"),
        ({"plans": [plan()], "amount": 2}, "/payment_plans/0/instalments"),
        ({"plans": [plan()], "amount": 0}, "/payment_plans/0/instalments"),
        ({"plans": [plan(first_payment={"amount": 0})]}, "/payment_plans/0/first_payment/amount"),
        ({"plans": [plan(first_payment={"amount": 8999})]}, "/payment_plans/0/first_payment/amount"),
        ({"plans": [plan(first_payment={"amount": 9, "currency": "USD"})]}, "/payment_plans/0/first_payment/currency"),
        ({"plans": [plan()], "kind": "membership"}, "/payment_plans/0/instalments"),  # of a month
        (
            {"plans": [plan(instalments=13)], "kind": "membership", "cycle": {"unit": "year"}},
            "/payment_plans/0/instalments",
        ),
    ],
)
def test_a_plan_that_does_not_fit_its_package_is_refused_at_its_place(terms, pointer):
    with pytest.raises(Invalid) as refused:
        made(*terms.pop("plans"), **terms)
    assert [error["pointer"] for error in refused.value.errors] == [pointer]


def test_a_membership_is_paid_within_its_cycle():
    terms = made(plan(instalments=12), kind="membership", amount=120000, cycle={"unit": "year"})
    assert terms["payment_plans"][0]["instalments"] == 12

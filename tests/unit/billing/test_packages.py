"""Which terms a package may have."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from contracts.billing.packages import ChangePackage, CreatePackage
from contracts.contacts.settings import ChangeSettings
from contracts.errors import Invalid
from services.billing.packages.model import PackageVersion
from services.billing.packages.rules import fitting, last_day_of, new_terms, pricing_option_of
from tests.builders.selling import GIVES

PRICE = {"amount": 4900, "currency": "EUR"}


@pytest.mark.parametrize("code", ["XXZ", "XXX", "XAU", "eur"])
def test_a_currency_that_there_is_not_is_refused(code: str) -> None:
    price = {"amount": 4900, "currency": code}
    assert list(CreatePackage().validate({"kind": "product", "name": "Bar", "price": price})) == ["price"]
    assert list(ChangeSettings().validate({"currency": code})) == ["currency"]


@pytest.mark.requirement("B01")
def test_a_membership_is_charged_by_the_month_unless_said_otherwise() -> None:
    assert new_terms("membership", {"name": "Gold", "price": PRICE})["cycle"] == {"unit": "month", "count": 1}


@pytest.mark.requirement("B01")
@pytest.mark.parametrize(
    ("kind", "sessions"), [("credit_pack", None), ("credit_pack", 0), ("course", None), ("course", 0), ("product", 5)]
)
def test_what_is_sold_as_sessions_says_how_many_and_nothing_else_does(kind: str, sessions: int | None) -> None:
    asked = {"name": "Nothing", "price": PRICE, "included_sessions": sessions}
    with pytest.raises(Invalid) as refused:
        new_terms(kind, asked)
    assert refused.value.errors[0]["pointer"] == "/included_sessions"


@pytest.mark.requirement("B01")
def test_a_pack_without_sessions_of_former_days_is_taken_off_sale() -> None:
    sold = new_terms("credit_pack", {"name": "Ten", "price": PRICE, "included_sessions": 10})
    assert fitting("credit_pack", sold | {"included_sessions": None, "on_sale": False})["on_sale"] is False


@pytest.mark.requirement("B01")
@pytest.mark.parametrize("kind", ["trial", "credit_pack", "course", "product"])
def test_only_a_membership_has_a_cycle(kind: str) -> None:
    assert new_terms(kind, {"name": "Other", "price": PRICE} | GIVES.get(kind, {}))["cycle"] is None
    with pytest.raises(Invalid) as refused:
        new_terms(kind, {"name": "Other", "price": PRICE, "cycle": {"unit": "week", "count": 2}})
    assert refused.value.errors[0]["pointer"] == "/cycle"


@pytest.mark.requirement("B11")
@pytest.mark.parametrize("kind", ["trial", "credit_pack", "course", "product"])
def test_only_a_membership_is_used_by_several(kind: str) -> None:
    assert new_terms(kind, {"name": "Other", "price": PRICE} | GIVES.get(kind, {}))["seats"] == 1
    with pytest.raises(Invalid) as refused:
        new_terms(kind, {"name": "Other", "price": PRICE, "seats": 2})
    assert refused.value.errors[0]["pointer"] == "/seats"


def sold(kind: str = "membership", unit: str | None = None, count: int | None = 1, **more: Any) -> PackageVersion:
    cycle = {"cycle_unit": unit, "cycle_count": count} if unit else {}
    return PackageVersion(**{"kind": kind, "price": 4900, **cycle, **more})


@pytest.mark.requirement("B01", "C24")
@pytest.mark.parametrize(
    ("version", "words"),
    [
        (sold(unit="month"), "monthly"),
        (sold(unit="week", count=2), "every 2 weeks"),
        (sold("credit_pack", included_sessions=10), "10 sessions"),
        (sold("credit_pack", included_sessions=1), "1 session"),
        (sold("credit_pack"), None),
        (sold("trial", included_sessions=3), None),  # there is but one way to try
    ],
)
def test_what_is_sold_says_in_which_way(version: PackageVersion, words: str | None) -> None:
    assert pricing_option_of(version) == words


@pytest.mark.requirement("B05", "C24")
@pytest.mark.parametrize(
    ("version", "quantity", "last"),
    [
        (sold(unit="month"), 1, dt.date(2026, 2, 27)),  # a month of the 31st of January ends with February's
        (sold(unit="month"), 3, dt.date(2026, 4, 29)),
        (sold(unit="week", count=2), 1, dt.date(2026, 2, 13)),
        (sold(unit="year", count=120), 1000, None),  # beyond the calendar
        (sold(unit="month", price=0), 1, None),  # nothing is missing where nothing is charged
        (sold("trial", valid_days=14), 1, dt.date(2026, 2, 14)),
        (sold("product"), 1, None),
    ],
)
def test_what_is_sold_for_a_time_has_a_last_day(version: PackageVersion, quantity: int, last: dt.date | None) -> None:
    assert last_day_of(version, first=dt.date(2026, 1, 31), quantity=quantity) == last


def test_a_membership_cannot_lose_its_cycle() -> None:
    terms = new_terms("membership", {"name": "Gold", "price": PRICE})
    with pytest.raises(Invalid):
        fitting("membership", terms | {"cycle": None})


def test_the_sign_up_fee_is_in_the_currency_of_the_price() -> None:
    terms = {"name": "Gold", "price": PRICE, "sign_up_fee": {"amount": 500, "currency": "USD"}}
    with pytest.raises(Invalid) as refused:
        new_terms("membership", terms)
    assert refused.value.errors[0]["pointer"] == "/sign_up_fee/currency"


@pytest.mark.requirement("B15")
@pytest.mark.parametrize(
    ("amount", "why"),
    [
        (49.0, "a float is not exact"),
        ("4900", "a text is not a number"),
        (True, "a truth is not a number"),
        (-1, "nobody is paid for taking a package"),
        (10**12 + 1, "absurd"),
        (2**63, "beyond int8"),
        (10**40, "far beyond int8"),
        (None, "a price is not nothing"),
    ],
)
def test_a_price_is_a_sane_whole_number_of_minor_units(amount: object, why: str) -> None:
    asked = {"name": "Gold", "kind": "membership", "price": {"amount": amount, "currency": "EUR"}}
    assert "price" in CreatePackage().validate(asked), why


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", None),
        ("name", "Go\x00ld"),
        ("name", "x" * 121),
        ("kind", "gift"),
        ("visibility", "secret"),
        ("cycle", {"unit": "month", "count": 0}),
        ("cycle", {"unit": "fortnight"}),
        ("included_sessions", 2**31),
        ("price", {"amount": 1, "currency": "euro"}),
        ("discount", 5),
    ],
)
def test_bad_terms_are_refused_by_the_contract(field: str, value: object) -> None:
    asked = {"name": "Gold", "kind": "membership", "price": PRICE} | {field: value}
    assert field in CreatePackage().validate(asked)


def test_the_kind_of_a_package_never_changes() -> None:
    asked = {"package_id": "01990000-0000-7000-8000-000000000000", "kind": "trial"}
    assert "kind" in ChangePackage().validate(asked)

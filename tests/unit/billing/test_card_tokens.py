"""No card number ever enters."""

from __future__ import annotations

import datetime as dt

import pytest

from contracts.billing.card_numbers import card_numbers_in
from contracts.billing.payments import TakePayment
from services.billing.cards_on_file.rules import is_expired


def refusals(token: str) -> dict[str, list[str]]:
    asked = {"order_id": "01990000-0000-7000-8000-000000000000", "method": "card", "card_token": token}
    return TakePayment().validate(asked)


@pytest.mark.requirement("B04")
@pytest.mark.parametrize(
    "number",
    [
        "4242424242424242",
        "4242 4242 4242 4242",
        "4242-4242-4242-4242",
        "tok_4242424242424242",
        "4242424242424242 12/30",
        "123 4242 4242 4242 4242 12",
        "378282246310005",  # American Express: 15 digits
        "6759649826438453",  # Maestro
        "501800000009",  # 12 digits
        "6304000000000000000",  # 19 digits
    ],
)
def test_a_card_number_is_refused_and_not_repeated(number: str) -> None:
    assert refusals(number) == {"card_token": ["Send the provider's token; card numbers are not accepted."]}


@pytest.mark.parametrize(
    "token",
    [
        "tok_visa",
        "pm_1MqLUvLkdIwHu7ixraBm864F",
        "pm_card_visa",
        "4242424242424241",
        "12345678901",
        "a4242424-2424-4242-b000-000000000000",
        "00424242-4242-4242-4242-000000000000",
        "pay-00424242-4242-4242-4242-000000000000",  # keys are made of ids
    ],
)
def test_a_token_passes(token: str) -> None:
    assert refusals(token) == {}


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ({"amount": 4242424242424242}, ["amount"]),
        ({"amount": 4242424242424242.0}, ["amount"]),
        ({"card": {"number": "4242424242424242"}}, ["card"]),
        ({"cards": [{"4242424242424242": True}]}, ["cards"]),
        ({"4242424242424242": "visa"}, ["_schema"]),
        ({"paid": True, "nothing": None, "amount": 4900}, []),
    ],
)
def test_a_card_number_is_found_wherever_it_is_hidden(members: dict, named: list[str]) -> None:
    assert list(card_numbers_in(members)) == named


@pytest.mark.parametrize(
    ("expires", "at", "is_over"),
    [
        ("2026-11", "2026-11-30T23:59:59Z", False),
        ("2026-11", "2026-12-01T11:59:59Z", False),  # it is still November on Baker Island
        ("2026-11", "2026-12-01T12:00:00Z", True),
        ("2030-12", "2026-11-23T00:00:00Z", False),
        (None, "2026-11-23T00:00:00Z", False),
    ],
)
def test_a_card_is_over_when_its_month_is_over_everywhere(expires: str | None, at: str, is_over: bool) -> None:
    assert is_expired(expires, dt.datetime.fromisoformat(at)) is is_over

"""No card number ever enters."""

from __future__ import annotations

import pytest

from contracts.billing.payments import TakePayment


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
        "378282246310005",  # American Express: 15 digits
        "6759649826438453",  # Maestro
        "501800000009",  # 12 digits
        "6304000000000000000",  # 19 digits
    ],
)
def test_a_card_number_is_refused_and_not_repeated(number: str) -> None:
    assert refusals(number) == {"card_token": ["Send the provider's token; card numbers are not accepted."]}


@pytest.mark.parametrize(
    "token", ["tok_visa", "pm_1MqLUvLkdIwHu7ixraBm864F", "pm_card_visa", "4242424242424241", "12345678901"]
)
def test_a_token_passes(token: str) -> None:
    assert refusals(token) == {}

"""Who sells, as papers say it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from services.acquaintance.rules import Business, business_of
from services.billing.papers.rules import seller_of

NAMELESS = Business("", ZoneInfo("UTC"), "EUR", {})


@pytest.mark.requirement("B07", "G10")
@pytest.mark.parametrize(
    ("said", "seller"),
    [
        ({}, ""),
        ({"business_name": "Harbour Yoga"}, "Harbour Yoga"),
        ({"business_address": "Pier 7\nHamburg"}, "Pier 7\nHamburg"),
        (
            {"business_name": "Harbour Yoga", "business_address": "Pier 7\nHamburg", "tax_number": "DE1"},
            "Harbour Yoga\nPier 7\nHamburg\nTax number DE1",
        ),
        ({"business_name": None, "tax_number": "DE1"}, "Tax number DE1"),
    ],
)
def test_an_invoice_says_who_sells_as_far_as_the_business_says_it(said: dict, seller: str) -> None:
    assert seller_of(business_of(said, NAMELESS)) == seller

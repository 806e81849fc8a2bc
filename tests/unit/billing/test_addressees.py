"""Which address stands on an invoice, and how it is written."""

from __future__ import annotations

import pytest

from services.billing.addressees.rules import PARTS, address_for_invoices, lines_of

pytestmark = pytest.mark.requirement("B07", "C08")


def at(street: str, **more: object) -> dict[str, object]:
    return {"street": street, "city": "Bonn", "postal_code": "53111", "country": "DE"} | more


@pytest.mark.parametrize(
    ("addresses", "street"),
    [
        ([], None),
        ([{"label": "billing", "street": ""}], None),  # nothing is written there
        ([at("A")], "A"),
        ([at("A"), at("B", primary=True)], "B"),
        ([at("A", primary=True), at("B", label="Billing")], "B"),  # whatever its capitals
        ([at("A", primary=True), {"label": "billing"}], "A"),
    ],
)
def test_the_one_for_invoices_goes_before_the_primary_one(addresses, street):
    chosen = address_for_invoices(addresses)
    assert (chosen and chosen["street"]) == street
    assert chosen is None or set(chosen) == set(PARTS)


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        (None, "Zoë"),
        (at("Markt 1\nHinterhaus", region=""), "Zoë\nMarkt 1\nHinterhaus\n53111 BONN\nGERMANY"),
        (dict.fromkeys(PARTS, "") | {"city": "Bonn"}, "Zoë\nBONN"),  # a country that nobody said
        (at("Camp 1", region="", country="XX"), "Zoë\nCamp 1\nBonn\n53111\nXX"),
        (
            at("1-2-3 Jingumae", city="Shibuya-ku", region="Tokyo", postal_code="150-0001", country="JP"),
            "〒150-0001\nTOKYO\nShibuya-ku\n1-2-3 Jingumae\nZoë\nJAPAN",
        ),
        (
            at("1 Orchard Rd", city="Singapore", region="", country="SG"),
            "Zoë\n1 Orchard Rd\nSINGAPORE 53111\nREP. OF SINGAPORE",
        ),
        (
            at("1 Main St", city="Catalan Bay", region="", country="GI"),
            "Zoë\n1 Main St\nCatalan Bay\nGIBRALTAR\n53111\nGIBRALTAR",
        ),
    ],
)
def test_it_is_written_as_its_country_does(address, lines):
    assert lines_of({"name": "Zoë", "address": address}) == lines

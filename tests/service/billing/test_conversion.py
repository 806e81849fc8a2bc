"""Which packages make a customer, by which payment (P07): the whole table."""

from __future__ import annotations

import pytest

from contracts.billing import payments

PACKAGES = [
    ("membership", 4900, "paid", "what most customers are"),
    ("credit_pack", 9900, "paid", "bought, so a customer, though not a subscriber"),
    ("course", 19900, "paid", "bought once"),
    ("product", 1500, "paid", "a towel makes a customer too"),
    ("membership", 0, "placed", "nothing to pay is paid in full"),
    ("trial", 0, "never", "a lead with just a trial stays a lead"),
    ("trial", 1000, "never", "even when the trial costs something"),
]
WAYS = [
    ("cash", {"method": "cash"}, None, True),
    ("card", {"method": "card"}, None, True),
    ("card declined", {"method": "card", "card_token": "tok_declined"}, None, False),
    ("card unknown", {"method": "card", "card_token": "tok_nobodys"}, None, False),
    ("transfer pending", {"method": "bank_transfer"}, None, False),
    ("transfer approved", {"method": "bank_transfer"}, payments.approve_payment, True),
    ("transfer rejected", {"method": "bank_transfer"}, payments.reject_payment, False),
]


@pytest.mark.requirement("P07", "B01", "B03")
@pytest.mark.parametrize(("way", "asked", "decision", "comes"), WAYS, ids=[way[0] for way in WAYS])
@pytest.mark.parametrize(
    ("kind", "amount", "converts", "why"), PACKAGES, ids=[f"{package[0]} {package[1]}" for package in PACKAGES]
)
def test_conversion(ask, an_order, told_of, kind, amount, converts, why, way, asked, decision, comes):
    order = an_order(kind=kind, amount=amount)
    if amount:
        payment = ask(payments.take_payment, order_id=order["id"], **asked)
        if decision is not None:
            payment = ask(decision, payment_id=payment["id"])
        assert (payment["state"] == "taken") == comes
    told = [type for type, _ in told_of(order["contact_id"])]
    expected = converts == "placed" or (converts == "paid" and comes)
    assert told.count("package.paid") == int(expected), why

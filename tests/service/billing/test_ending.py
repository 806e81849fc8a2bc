"""What was sold for a time ends by itself; so does a membership that was sold before they renewed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from contracts.billing import accounts, orders, packages, payments
from services.billing.assignments.rules import last_day_over, over_since
from tests.house.living import LivingHouse
from tests.service.billing.conftest import remember_contact


@pytest.mark.requirement("C03", "B01")
def test_a_pack_ends_when_its_last_day_is_over_and_is_told_once(a_house: Callable[..., LivingHouse]) -> None:
    house = a_house(services=["billing"])
    ended, lasting = (_a_paid_pack(house, valid_days) for valid_days in (1, 30))
    daily = _paid(house, name="Day", kind="membership", cycle={"unit": "day"})
    tried = _paid(house, name="Try", kind="trial", valid_days=1)
    listener = house.subscriber("billing.events", "#")
    house.let_time_pass("billing", "UPDATE assignments SET expires_on = expires_on - 4, renews = false")
    told = listener.wait_for("package.ended", subject=ended["contact_id"], seconds=20)
    assert (told.data["name"], told.data["reason"]) == ("Ten", "it expired")
    assert _states(house, ended["contact_id"]) == ["ended"]
    assert _states(house, lasting["contact_id"]) == ["active"]
    over = listener.wait_for("package.ended", subject=daily["contact_id"], seconds=20)
    assert (over.data["name"], over.data["pricing_option"]) == ("Day", "daily")
    assert listener.wait_for("trial.ended", subject=tried["contact_id"], seconds=20).data["name"] == "Try"
    house.ask(payments.refund_payment, payment_id=ended["id"])
    listener.wait_for("package.reversed", subject=ended["contact_id"])
    assert _states(house, ended["contact_id"]) == ["reversed"]
    assert len(listener.of("package.ended")) == 2
    listener.close()


def test_a_day_is_over_when_it_is_over_everywhere() -> None:
    last = dt.date(2026, 3, 1)
    ended_at = over_since(last)["ended_at"]
    assert ended_at == dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
    assert last_day_over(ended_at) > last
    assert not last_day_over(ended_at - dt.timedelta(seconds=1)) > last


def _a_paid_pack(house: LivingHouse, valid_days: int) -> dict:
    return _paid(house, name="Ten", kind="credit_pack", included_sessions=10, valid_days=valid_days)


def _paid(house: LivingHouse, **terms: object) -> dict:
    sold = house.ask(packages.create_package, price={"amount": 9000, "currency": "EUR"}, **terms)
    buyer = remember_contact(house.database("billing"))
    order = house.ask(orders.place_order, contact_id=buyer, items=[{"package_id": sold["id"]}])
    return house.ask(payments.take_payment, order_id=order["id"], method="cash")


def _states(house: LivingHouse, contact_id: str) -> list[str]:
    return [package["state"] for package in house.ask(accounts.get_account, contact_id=contact_id)["packages"]]

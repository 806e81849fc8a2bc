"""What is said of a membership while it is paused holds: of it, of what was sold, and to whoever hears of it."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.billing import orders, payments, subscriptions as told

pytestmark = pytest.mark.requirement("B05", "B14")


def paused(studio, gold: dict[str, Any], **until: str) -> dict[str, Any]:
    return studio.ask(told.pause_subscription, subscription_id=gold["id"], **until)


def expiries(studio, gold: dict[str, Any]) -> list[str | None]:
    """Of what was sold, the oldest first."""
    found = studio.ask(orders.list_assignments, contact_id=gold["contact_id"])["items"]
    return [each["expires_on"] for each in found if each["state"] == "active"][::-1]


def ahead(studio, gold: dict[str, Any]) -> dict[str, Any]:
    item = {"package_id": gold["package_id"]}
    order = studio.ask(orders.place_order, contact_id=gold["contact_id"], items=[item])
    studio.ask(payments.take_payment, order_id=order["id"], method="cash")
    return order


@pytest.mark.parametrize(
    ("until", "expires_on"),
    [({"resumes_on": "2027-03-05"}, "2027-03-22"), ({}, None)],
    ids=["until a day", "until somebody resumes it"],
)
def test_it_is_charged_on_no_day_and_expires_as_it_will_once_resumed(studio, until, expires_on):
    gold = studio.a_member()
    studio.go("2027-02-10")
    studio.clockwork.told()
    now = paused(studio, gold, **until)
    assert (now["next_charge_on"], now["expires_on"], expiries(studio, gold)) == (None, expires_on, [expires_on])
    [event] = studio.clockwork.told(told.subscription_paused)
    assert (event.data["next_charge_on"], event.data["expires_on"] and str(event.data["expires_on"])) == (
        None, expires_on,
    )  # fmt: skip
    assert event.data["changes"]["next_charge_on"] == {"before": "2027-02-28", "after": None}
    studio.go("2027-03-05")
    if not until:
        studio.ask(told.resume_subscription, subscription_id=gold["id"])
    again = studio.now(gold)
    assert (again["next_charge_on"], again["expires_on"]) == ("2027-03-23", "2027-03-22")
    assert expiries(studio, gold) == ["2027-03-22"]


def test_what_is_bought_while_nobody_knows_the_end_is_told_by_its_days(studio):
    gold = studio.a_member()
    studio.go("2027-02-10")
    assert (gold["days_left"], paused(studio, gold)["days_left"]) == (None, 18)
    studio.clockwork.told()
    ahead(studio, gold)
    [event] = studio.clockwork.told(told.subscription_prepaid)
    assert event.data["changes"] == {"days_left": {"before": 18, "after": 18 + 28}}
    assert studio.ask(told.resume_subscription, subscription_id=gold["id"])["expires_on"] == "2027-03-27"


def test_resumed_sooner_than_was_said_it_expires_sooner(studio):
    gold = studio.a_member()
    assert paused(studio, gold, resumes_on="2027-03-05")["expires_on"] == "2027-04-01"
    studio.go("2027-02-05")
    assert studio.ask(told.resume_subscription, subscription_id=gold["id"])["expires_on"] == "2027-03-04"
    assert expiries(studio, gold) == ["2027-03-04"]


def test_a_commitment_and_an_end_come_later_as_far_as_that_is_known(studio):
    gold = studio.a_member(commitment=2)
    studio.ask(told.cancel_subscription, subscription_id=gold["id"])
    now = paused(studio, gold)
    assert (now["committed_until"], now["ends_on"]) == ("2027-03-30", "2027-03-30")
    studio.ask(told.resume_subscription, subscription_id=gold["id"])
    now = paused(studio, gold, resumes_on="2027-02-10")
    assert (now["committed_until"], now["ends_on"]) == ("2027-04-09", "2027-04-09")


def test_bought_ahead_during_a_long_pause_no_day_is_lost_nor_won(studio):
    gold = studio.a_member()
    studio.go("2027-02-10")
    paused(studio, gold)
    studio.go("2027-03-20")
    ahead(studio, gold)
    assert (studio.now(gold)["expires_on"], expiries(studio, gold)) == (None, [None, None])
    studio.ask(told.resume_subscription, subscription_id=gold["id"])
    again = studio.now(gold)
    assert (again["expires_on"], again["next_charge_on"]) == ("2027-05-04", "2027-05-05")  # 18 days, and 28


def test_what_was_bought_ahead_lasts_as_much_longer(studio):
    gold = studio.a_member()
    ahead(studio, gold)
    studio.go("2027-02-10")
    paused(studio, gold, resumes_on="2027-02-20")
    assert expiries(studio, gold) == ["2027-04-06", "2027-04-06"]
    studio.go("2027-02-20")
    assert (studio.now(gold)["expires_on"], expiries(studio, gold)) == ("2027-04-06", ["2027-04-06", "2027-04-06"])

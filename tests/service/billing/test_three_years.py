"""Subscriptions that live through three years; the clock is moved, nobody waits."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest

from contracts.billing import accounts, packages, payments, subscriptions as told
from tests.service.billing.renewing import Studio

pytestmark = pytest.mark.requirement("B05")

MONTH_ENDS = (28, 29, 30, 31)
"""The days of a month on which anything falls due here, and those before them."""
CYCLES = [
    "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31", "2027-06-30", "2027-08-30", "2027-09-30", "2027-10-30",
    "2027-11-30", "2027-12-30", "2028-01-30", "2028-02-29", "2028-03-30", "2028-04-30", "2028-05-30", "2028-05-31",
    "2028-06-30", "2028-07-31", "2028-08-31", "2028-09-30", "2028-10-31", "2028-11-30", "2028-12-31", "2029-01-31",
    "2029-02-28", "2029-03-31", "2029-04-30", "2029-05-31", "2029-06-30", "2029-07-31", "2029-08-31", "2029-09-30",
    "2029-10-31", "2029-11-30", "2029-12-31", "2030-01-31",
]  # fmt: skip
"""Of the 31st, after thirty days of rest of the 30th, and on other terms of the 31st again."""


@pytest.mark.requirement("B06", "B15")
def test_three_years_of_months_over_a_leap_day_and_every_change_of_clocks(studio: Studio) -> None:
    gold = studio.a_member()
    studio.live(until="2030-01-31", days=MONTH_ENDS)
    renewals = studio.renewals(gold)
    starts = [renewal["starts_on"] for renewal in renewals]
    assert starts[:3] == ["2027-02-28", "2027-03-31", "2027-04-30"]
    assert "2028-02-29" in starts
    assert (len(starts), starts[-1]) == (36, "2030-01-31")
    assert [renewal["number"] for renewal in renewals] == list(range(1, 37))
    assert {renewal["state"] for renewal in renewals} == {"paid"}
    days = [(dt.date.fromisoformat(each["starts_on"]), dt.date.fromisoformat(each["until_on"])) for each in renewals]
    assert all(until + dt.timedelta(1) == first for (_, until), (first, _) in pairwise(days))  # no gap, none twice
    assert sum(studio.provider.taken.values()) == 36
    assert set(studio.provider.taken) <= studio.provider.with_nobody_there
    assert studio.now(gold)["expires_on"] == "2030-02-27"
    account = studio.ask(accounts.get_account, contact_id=gold["contact_id"])
    assert (account["dues"], account["spent"]) == ([], [{"amount": 37 * 4900, "currency": "EUR"}])
    assert len(account["orders"]) == 1


@pytest.mark.requirement("B06", "B15")
def test_three_years_with_a_pause_a_dearer_package_and_a_card_that_is_declined(studio: Studio) -> None:
    gold = studio.a_member()
    studio.live(until="2027-07-10", days=MONTH_ENDS)
    studio.clockwork.now = noon("2027-07-10")
    studio.ask(told.pause_subscription, subscription_id=gold["id"], resumes_on="2027-08-09")
    studio.live(until="2027-08-09", days=(9, *MONTH_ENDS))
    assert (studio.now(gold)["state"], studio.now(gold)["expires_on"]) == ("active", "2027-08-29")

    studio.live(until="2028-05-31", days=MONTH_ENDS)
    dear = {"amount": 9800, "currency": "EUR"}
    platinum = studio.ask(packages.create_package, name="Platinum", kind="membership", price=dear)
    studio.ask(told.change_subscription, subscription_id=gold["id"], package_id=platinum["id"], when="now")
    studio.run()

    studio.live(until="2028-11-29", days=MONTH_ENDS)
    studio.provider.mood = "declines"
    studio.live(until="2028-12-06")
    assert studio.now(gold)["state"] == "active"
    studio.go("2028-12-07")
    assert (studio.now(gold)["state"], studio.now(gold)["past_due_since"]) == ("past_due", "2028-12-07")
    declined = studio.renewals(gold)[-1]
    tries = studio.ask(payments.list_payments, renewal_id=declined["id"])["items"]
    assert sorted(each["asked_at"][:10] for each in tries) == ["2028-11-30", "2028-12-01", "2028-12-03", "2028-12-07"]
    studio.provider.mood = None
    studio.ask(payments.pay_renewal, renewal_id=declined["id"], method="cash")

    studio.live(until="2030-01-31", days=MONTH_ENDS)
    renewals = studio.renewals(gold)
    assert [each["starts_on"] for each in renewals] == CYCLES
    assert {each["state"] for each in renewals} == {"paid"}
    assert all(each["due_on"] == each["starts_on"] for each in renewals)
    amounts = [4900] * 15 + [9800 - 4742] + [9800] * 20  # 30 of 31 days of 49.00 were left
    assert [each["amount"]["amount"] for each in renewals] == amounts
    assert sum(studio.provider.taken.values()) == len(CYCLES) - 1
    assert studio.now(gold)["next_charge_on"] == "2030-02-28"
    account = studio.ask(accounts.get_account, contact_id=gold["contact_id"])
    assert (account["dues"], account["spent"]) == ([], [{"amount": 4900 + sum(amounts), "currency": "EUR"}])


def noon(day: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{day}T12:00:00+00:00")

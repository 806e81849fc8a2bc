"""What the provider answered is written down for many at once; one for which that breaks holds up no other."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from structlog.testing import capture_logs

from contracts.billing import payments
from services.billing.ledger import rules as books
from services.billing.ledger.actions import post
from services.billing.payments import asking
from tests.service.billing.collecting import Collecting

MINUTES = dt.timedelta(minutes=10)


@pytest.fixture
def collecting(studio) -> Collecting:
    studio.clockwork.now = dt.datetime(2027, 1, 31, 12, tzinfo=dt.UTC)
    return Collecting(studio)


@pytest.mark.requirement("B05", "B15")
def test_renewals_are_written_down_but_for_one_whose_books_are_wrong(collecting):
    studio = collecting.studio
    contacts = [studio.a_member()["contact_id"] for _ in range(4)]
    studio.clockwork.now = dt.datetime(2027, 2, 28, 12, tzinfo=dt.UTC)
    studio.claimed()  # they fall due
    items = studio.claimed()
    wrong = spoil(collecting, contacts[1])
    with capture_logs() as logged:
        studio.charge(items)
        studio.run()
    assert [each["payment"] for each in logged] == [wrong]
    assert [newest(collecting, each)["state"] for each in contacts] == ["taken", "charging", "taken", "taken"]
    assert asked_again(collecting, studio.claimed, wrong) == [False, True]


@pytest.mark.requirement("B08", "B15")
def test_instalments_are_written_down_but_for_one_whose_books_are_wrong(collecting):
    contacts = [collecting.an_order()["contact_id"] for _ in range(4)]
    collecting.studio.clockwork.now = dt.datetime(2027, 2, 28, 12, tzinfo=dt.UTC)
    items = collecting.claimed()
    wrong = spoil(collecting, contacts[1])
    with capture_logs() as logged:
        collecting.charge(items)
        collecting.run()
    assert [each["payment"] for each in logged] == [wrong]
    assert [newest(collecting, each)["state"] for each in contacts] == ["taken", "charging", "taken", "taken"]
    assert asked_again(collecting, collecting.claimed, wrong) == [False, True]


def newest(collecting: Collecting, contact_id: str) -> dict[str, Any]:
    return collecting.ask(payments.list_payments, contact_id=contact_id, limit=1)["items"][0]


def spoil(collecting: Collecting, contact_id: str) -> str:
    """Post the contact's newest payment as if it were written down: the books take nothing twice."""
    payment_id = newest(collecting, contact_id)["id"]
    cause = {"contact_id": contact_id, "currency": "EUR", "cause": "payment", "cause_id": payment_id}
    with collecting.studio.clockwork.work() as work:
        post(work, books.payment("card", 1), **cause)
    return payment_id


def asked_again(collecting: Collecting, claimed: Any, payment_id: str) -> list[bool]:
    """Whether it is asked for again after half a minute, and after ten."""
    asked = []
    for later in (dt.timedelta(seconds=31), MINUTES):
        collecting.studio.clockwork.now += later
        asked.append(payment_id in [charge["payment_id"] for item in claimed() for charge in item["charges"]])
    return asked


@pytest.mark.requirement("B05")
def test_what_a_slow_provider_leaves_no_time_for_is_asked_for_the_next_time(collecting, monkeypatch):
    studio = collecting.studio
    gold = studio.a_member()
    studio.clockwork.now = dt.datetime(2027, 2, 28, 12, tzinfo=dt.UTC)
    studio.claimed()  # it falls due
    with monkeypatch.context() as slow:
        slow.setattr(asking, "ASKING_LASTS", dt.timedelta())
        items = studio.claimed()
        assert [charge["answer"] for item in items for charge in asking.ask(item)] == ["left"]
        studio.charge(items)
    studio.run()
    assert [each["state"] for each in studio.renewals(gold)] == ["paid"]

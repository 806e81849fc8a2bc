"""Since when somebody is a customer, corrected by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from chassis.ids import new_id
from contracts.billing.orders import package_paid, package_reversed
from contracts.contacts import people
from contracts.errors import Forbidden, Invalid, Stale
from tests.builders.people import a_lead

BOUGHT = "2026-03-01"
GOLD = {"name": "Gold", "kind": "membership", "since": dt.datetime(2026, 3, 1, tzinfo=dt.UTC)}


@pytest.fixture
def correct(ask):
    def to(contact, day, **more):
        return ask(people.change_contact, contact_id=contact["id"], customer_since=day, **more)["customer_since"]

    return to


@pytest.fixture
def customer(ask, subscriber, billing_says):
    """A customer by what they bought, and a way to take that back."""
    lead, gold = a_lead(ask), new_id()
    listener = subscriber("contacts.events", "contact.*")
    billing_says(package_paid, lead["id"], 1, assignment_id=gold, **GOLD)
    listener.wait_for("contact.lifecycle_changed", subject=lead["id"])

    def reverse():
        billing_says(package_reversed, lead["id"], 2, assignment_id=gold, name="Gold", reason="refunded")
        listener.wait_for("contact.lifecycle_changed", subject=lead["id"], count=2)
        return ask(people.get_contact, contact_id=lead["id"])["customer_since"]

    return lead, listener, reverse


@pytest.mark.requirement("C04")
def test_the_day_is_corrected_back_and_told_before_and_after(correct, customer):
    lead, listener, reverse = customer
    assert correct(lead, "2019-05-01") == "2019-05-01"
    told = listener.wait_for("contact.changed", subject=lead["id"])
    assert told.data["changes"] == {"customer_since": {"before": BOUGHT, "after": "2019-05-01"}}
    assert (told.data["version"], correct(lead, "2021-05-01", expected_version=3)) == (3, "2021-05-01")
    assert correct(lead, None) == BOUGHT
    with pytest.raises(Stale):
        correct(lead, None, expected_version=2)
    assert reverse() is None


@pytest.mark.requirement("C04")
def test_what_was_told_stays_when_the_sale_is_taken_back(ask, correct, customer):
    lead, listener, reverse = customer
    assert correct(lead, BOUGHT) == BOUGHT  # as it was: nothing to tell, and kept all the same
    assert ask(people.get_contact, contact_id=lead["id"])["version"] == 2
    assert reverse() == BOUGHT
    assert [event.type for event in listener.heard if event.subject == lead["id"]].count("contact.changed") == 0


@pytest.mark.requirement("C04", "G05")
def test_who_runs_the_place_corrects_it_and_only_to_a_day_that_can_be(ask, correct, customer):
    lead, *_ = customer
    for role in ("sales", "staff"):
        with pytest.raises(Forbidden):
            correct(lead, "2019-05-01", actor=role)
    assert correct(lead, "2019-05-01", actor="admin") == "2019-05-01"
    tomorrow = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=2)
    for day in (tomorrow.isoformat(), "1899-12-31", "2026-03-02", "soon"):
        with pytest.raises(Invalid) as refused:
            correct(lead, day)
        assert [error["pointer"] for error in refused.value.errors] == ["/customer_since"]
    migrated = a_lead(ask)
    assert correct(migrated, "2015-01-31") == "2015-01-31"

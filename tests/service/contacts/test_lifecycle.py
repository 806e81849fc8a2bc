"""What is paid makes a customer; what is reversed never was."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from chassis.ids import new_id
from contracts.billing.orders import package_paid, package_reversed
from contracts.contacts import finding, people
from tests.builders.people import a_lead

GOLD = {"name": "Gold", "kind": "membership", "since": "2026-03-01"}


@pytest.mark.requirement("C03", "C05", "P07")
def test_a_paid_package_makes_a_customer_who_has_a_number_and_a_reason(ask, subscriber, billing_says):
    lead = a_lead(ask)
    listener = subscriber("contacts.events", "contact.*")
    billing_says(package_paid, lead["id"], 1, assignment_id=new_id(), **_dated(GOLD))
    told = listener.wait_for("contact.lifecycle_changed", subject=lead["id"])

    customer = ask(people.get_contact, contact_id=lead["id"])
    assert customer["lifecycle"] == {
        "state": "customer",
        "reason": "customer since 2026-03-01: paid membership Gold",
        "since": "2026-03-01T00:00:00Z",
    }
    assert customer["customer_since"] == "2026-03-01"
    assert customer["version"] == 2
    assert told.data == {
        "before": "lead",
        "after": "customer",
        "reason": customer["lifecycle"]["reason"],
        "since": customer["lifecycle"]["since"],
        "membership_number": customer["membership_number"],
        "version": 2,
    }
    [shown] = ask(finding.list_contacts, q=customer["membership_number"])["items"]
    assert shown["id"] == lead["id"]


@pytest.mark.requirement("C03", "P02")
def test_a_customer_is_a_converted_lead_until_the_sale_is_reversed(ask, subscriber, billing_says):
    lead, gold = a_lead(ask), new_id()
    ask(people.change_contact, contact_id=lead["id"], lead_status="qualified")
    listener = subscriber("contacts.events", "contact.lifecycle_changed")
    billing_says(package_paid, lead["id"], 1, assignment_id=gold, **_dated(GOLD))
    listener.wait_for("contact.lifecycle_changed", subject=lead["id"])
    customer = ask(people.get_contact, contact_id=lead["id"])
    same = ask(people.change_contact, contact_id=lead["id"], lead_status=customer["lead_status"])
    assert (customer["lead_status"], same["version"]) == ("converted", customer["version"])

    billing_says(package_reversed, lead["id"], 2, assignment_id=gold, name="Gold", reason="refunded")
    listener.wait_for("contact.lifecycle_changed", subject=lead["id"], count=2)
    assert ask(people.get_contact, contact_id=lead["id"])["lead_status"] == "qualified"


@pytest.mark.requirement("C03", "C05")
def test_reversed_as_if_it_never_was_makes_a_lead_who_keeps_the_number(ask, subscriber, billing_says):
    lead, gold = a_lead(ask), new_id()
    listener = subscriber("contacts.events", "contact.lifecycle_changed")
    billing_says(package_paid, lead["id"], 1, assignment_id=gold, **_dated(GOLD))
    listener.wait_for("contact.lifecycle_changed", subject=lead["id"])
    number = ask(people.get_contact, contact_id=lead["id"])["membership_number"]

    billing_says(package_reversed, lead["id"], 2, assignment_id=gold, name="Gold", reason="refunded")
    listener.wait_for("contact.lifecycle_changed", subject=lead["id"], count=2)
    again = ask(people.get_contact, contact_id=lead["id"])
    assert again["lifecycle"]["state"] == "lead"
    assert again["lifecycle"]["reason"] == "lead again: membership Gold was reversed (refunded)"
    assert (again["customer_since"], again["membership_number"]) == (None, number)

    billing_says(package_paid, lead["id"], 3, assignment_id=new_id(), **_dated(GOLD))
    listener.wait_for("contact.lifecycle_changed", subject=lead["id"], count=3)
    assert ask(people.get_contact, contact_id=lead["id"])["membership_number"] == number


@pytest.mark.requirement("C03")
def test_the_order_in_which_it_is_heard_does_not_matter(ask, billing_says, eventually):
    facts = [(package_paid, 1), (package_reversed, 2), (package_paid, 3)]
    for order in itertools.permutations(facts):
        contact_id, assignment = a_lead(ask)["id"], new_id()
        for event, position in order:
            data = _dated(GOLD) if event is package_paid else {"name": "Gold", "reason": "rejected"}
            event_id = billing_says(event, contact_id, position, assignment_id=assignment, **data)
            billing_says(event, contact_id, position, id=event_id, assignment_id=assignment, **data)
        billing_says(package_paid, contact_id, 4, assignment_id=new_id(), **_dated(GOLD | {"name": "Last"}))
        settled = eventually(
            lambda contact_id=contact_id: ask(people.get_contact, contact_id=contact_id),
            lambda contact: contact["lifecycle"]["state"] == "customer",
        )
        assert settled["lifecycle"]["reason"] == "customer since 2026-03-01: paid membership Gold"


@pytest.mark.requirement("C05")
def test_two_customers_never_have_one_number(ask, billing_says, eventually):
    leads = [a_lead(ask)["id"] for _ in range(5)]
    for lead in leads:
        billing_says(package_paid, lead, 1, assignment_id=new_id(), **_dated(GOLD))
    numbers = {
        eventually(
            lambda lead=lead: ask(people.get_contact, contact_id=lead)["membership_number"], lambda number: number
        )
        for lead in leads
    }
    assert len(numbers) == 5


def _dated(package: dict[str, str]) -> dict:
    return package | {"since": dt.date.fromisoformat(package["since"])}

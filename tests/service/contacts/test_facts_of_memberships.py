"""What billing tells of a membership stands in the facts: of whoever pays for it, and of who only uses it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from chassis.ids import new_id
from contracts.billing import orders, sharing, subscriptions
from contracts.contacts import facts, people, relations
from tests.builders.people import a_person

EXPIRES = dt.date(2027, 3, 1)
PAID = {"name": "Gold", "kind": "membership", "since": dt.date(2026, 3, 2), "expires_on": EXPIRES}
STATES = [
    (subscriptions.subscription_begun, "active", "active", "Gold"),
    (subscriptions.subscription_paused, "paused", "paused", "Gold"),
    (subscriptions.subscription_past_due, "past_due", "past_due", "Gold"),
    (subscriptions.subscription_resumed, "active", "active", "Gold"),
    (subscriptions.subscription_cancelled, "cancelled", "cancelled", None),
    (subscriptions.subscription_expired, "expired", "expired", None),
]
"""What was told last, with the state that it told; the fact, and the membership that is left."""


@pytest.fixture
def a_customer(ask):
    return lambda: ask(people.create_contact, **a_person(enter_as="customer"))["id"]


def as_it_stands(state: str, **more: Any) -> dict[str, Any]:
    terms = {"name": "Gold", "pricing_option": "monthly", "expires_on": EXPIRES}
    return {"subscription_id": new_id(), "state": state} | terms | more


def of_owner(assignment_id: str, state: str) -> dict[str, Any]:
    money = {"price": {"amount": 4900, "currency": "EUR"}, "next_charge_on": None, "ends_on": None}
    return as_it_stands(state, assignment_id=assignment_id, resumes_on=None, reason=None, version=2, **money)


@pytest.mark.requirement("B14", "B05", "C24")
def test_each_state_of_a_subscription_is_a_fact(ask, billing_says, eventually, a_customer):
    expected = {}
    for place, (event, told, state, membership) in enumerate(STATES):
        ada, assignment = a_customer(), {"assignment_id": new_id(), "name": "Gold"}
        at = 3000 + 10 * place
        if membership is None:  # told with the state, and heard before it
            over = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
            billing_says(orders.package_ended, ada, at + 3, **assignment, reason="it is over", ended_at=over)
        billing_says(event, ada, at + 2, **of_owner(assignment["assignment_id"], told))
        billing_says(orders.package_paid, ada, at + 1, **assignment | PAID)
        expected[ada] = state, membership

    def figures() -> dict[str, Any]:
        found = {ada: ask(facts.get_facts, contact_id=ada) for ada in expected}
        return {ada: (one["subscription_state"], one["membership"]) for ada, one in found.items()}

    eventually(figures, lambda found: found == expected)


@pytest.mark.requirement("B11", "B14", "C03", "C28")
def test_who_uses_a_membership_has_it_whatever_order_the_news_comes_in(ask, billing_says, eventually, a_customer):
    owner, ben, gone = a_customer(), a_customer(), a_customer()
    ask(relations.add_relation, contact_id=owner, related_id=ben, kind="family")
    ask(relations.add_relation, contact_id=owner, related_id=gone, kind="family")
    pair = {one: {"seat_id": new_id(), "owner_id": owner, "subscription_id": new_id()} for one in (ben, gone)}
    left = {"reason": "moved", "reversed": False, "ended_at": dt.datetime(2026, 6, 1, tzinfo=dt.UTC)}
    said = as_it_stands("cancelled") | pair[gone]
    billing_says(sharing.shared_membership_left, gone, 3103, **said | left)
    for one, state, at in ((ben, "paused", 3105), (ben, "active", 3104), (gone, "active", 3102)):
        billing_says(sharing.shared_membership_changed, one, at, **as_it_stands(state) | pair[one])
    for one, at in ((ben, 3101), (gone, 3100)):
        told = as_it_stands("active", owner_name="Ada") | pair[one]
        billing_says(sharing.shared_membership_joined, one, at, **told)

    def figures() -> list[Any]:
        found = [ask(facts.get_facts, contact_id=one) for one in (ben, gone)]
        known = [ask(people.get_contact, contact_id=one)["lifecycle"]["state"] for one in (ben, gone)]
        return [
            (one["subscription_state"], one["membership"], state) for one, state in zip(found, known, strict=True)
        ]  # fmt: skip

    expected = [("paused", "Gold", "customer"), ("cancelled", None, "former_customer")]
    eventually(figures, lambda found: found == expected)

    def shares() -> dict[str, list[str]]:
        page = ask(relations.list_relations, contact_id=owner)["items"]
        return {one["related"]["id"]: [share["name"] for share in one["shared_memberships"]] for one in page}

    eventually(shares, lambda found: found == {ben: ["Gold"], gone: []})


@pytest.mark.requirement("B14", "B05", "C24")
def test_a_membership_expires_when_its_subscription_says_also_where_it_was_bought_ahead(
    ask, billing_says, eventually, a_customer
):
    ada, gold, ahead = a_customer(), new_id(), new_id()
    later = dt.date(2027, 4, 1)

    def says(event, at: int, state: str, expires_on: dt.date | None) -> None:
        billing_says(event, ada, at, **of_owner(gold, state) | {"expires_on": expires_on})

    billing_says(orders.package_paid, ada, 3201, assignment_id=gold, **PAID)
    says(subscriptions.subscription_begun, 3202, "active", EXPIRES)
    billing_says(orders.package_paid, ada, 3203, assignment_id=ahead, **PAID | {"expires_on": dt.date(2027, 3, 31)})
    for at, event, state, expires_on in (
        (3204, subscriptions.subscription_prepaid, "active", later),
        (3205, subscriptions.subscription_paused, "paused", None),  # nobody knows until when
        (3206, subscriptions.subscription_resumed, "active", later),
        (3207, subscriptions.subscription_shortened, "active", EXPIRES),
    ):
        says(event, at, state, expires_on)
        expected = (state, expires_on and expires_on.isoformat())
        eventually(
            lambda: ask(facts.get_facts, contact_id=ada),
            lambda found, due=expected: (found["subscription_state"], found["membership_expires_on"]) == due,
        )

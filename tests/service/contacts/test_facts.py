"""Facts follow what every service tells."""

from __future__ import annotations

import datetime as dt
import random
import uuid

import pytest
import sqlalchemy as sa

from contracts.billing import credit, invoices, orders, packages, payments
from contracts.contacts import facts, finding, people
from contracts.contacts.facts import facts_changed
from contracts.errors import NotFound
from contracts.notifications import communications
from tests.builders.people import a_lead, a_person


@pytest.fixture
def facts_of(ask, eventually):
    """`facts_of(contact_id, purchases=1)`: the facts, once they say so."""

    def wait(contact_id, **expected):
        def holds(found):
            return all(found[name] == value for name, value in expected.items())

        return eventually(lambda: ask(facts.get_facts, contact_id=contact_id), holds)

    return wait


@pytest.fixture
def gold(ask):
    """A membership of 49 €."""
    price = {"amount": 4900, "currency": "EUR"}
    return ask(packages.create_package, name="Gold", kind="membership", price=price)


def ordered(ask, contact, package):
    return ask(orders.place_order, contact_id=contact, items=[{"package_id": package["id"]}])


@pytest.mark.requirement("B14", "C14", "C24")
def test_what_somebody_buys_and_gives_back_adds_up(ask, facts_of, gold, subscriber):
    listener = subscriber("contacts.events", facts_changed.type)
    ada = a_lead(ask)["id"]
    assert facts_of(ada, stage="New")["subscription_state"] is None
    order = ordered(ask, ada, gold)
    assert facts_of(ada, dues=4900)["purchases"] == 0
    payment = ask(payments.take_payment, order_id=order["id"], method="cash")
    paid = facts_of(ada, subscription_state="active", lifetime_value=4900, stage="Won")
    assert (paid["dues"], paid["purchases"], paid["membership"], paid["had_subscription"]) == (0, 1, "Gold", True)
    assert (paid["pricing_option"], paid["membership_expires_on"] > paid["last_purchase_at"][:10]) == ("monthly", True)
    assert paid["spend"]["per_month"] == {"amount": 4900, "currency": "EUR"}
    listener.listen(0.2)
    told = [event for event in listener.heard if event.subject == ada and "lifetime_value" in event.data["changes"]]
    assert told[-1].data["changes"]["lifetime_value"] == {"before": 0, "after": 4900}
    assert told[-1].data["cause"]["type"] == "payment.taken"
    figures = {name for event in listener.heard if event.subject == ada for name in event.data["changes"]}
    assert {"lifetime_value", "dues", "subscription_state", "membership_expires_on"} <= figures

    some = {"amount": 900, "currency": "EUR"}
    ask(payments.refund_payment, payment_id=payment["id"], amount=some)
    assert facts_of(ada, lifetime_value=4000)["dues"] == 0  # a refund of a paid order is a credit
    ask(payments.refund_payment, payment_id=payment["id"])
    back = facts_of(ada, lifetime_value=0, subscription_state=None, pricing_option=None)
    assert (back["dues"], back["purchases"], back["membership"], back["first_purchase_at"]) == (0, 0, None, None)


@pytest.mark.requirement("C24")
def test_a_refund_of_an_open_order_is_owed_again(ask, facts_of, gold):
    ada = a_lead(ask)["id"]
    order = ordered(ask, ada, gold)
    part = {"amount": 1000, "currency": "EUR"}
    payment = ask(payments.take_payment, order_id=order["id"], method="cash", amount=part)
    facts_of(ada, dues=3900, lifetime_value=1000)
    ask(payments.refund_payment, payment_id=payment["id"])
    facts_of(ada, dues=4900, lifetime_value=0)


@pytest.mark.requirement("C24")
def test_what_is_cancelled_or_written_off_is_owed_no_longer(ask, facts_of, gold):
    ada = a_lead(ask)["id"]
    order = ordered(ask, ada, gold)
    facts_of(ada, dues=4900)
    ask(orders.cancel_order, order_id=order["id"])
    assert facts_of(ada, dues=0)["purchases"] == 0
    lost = ordered(ask, ada, gold)
    facts_of(ada, dues=4900)
    ask(invoices.write_off_invoice, invoice_id=lost["invoice_id"], reason="Moved abroad")
    assert facts_of(ada, dues=0)["purchases"] == 0


@pytest.mark.requirement("C24", "B12")
def test_credit_that_is_spent_is_no_money_and_what_goes_back_as_credit_stays(ask, facts_of, gold):
    ada = a_lead(ask)["id"]
    paid = ordered(ask, ada, gold)
    ask(payments.take_payment, order_id=paid["id"], method="cash")
    facts_of(ada, lifetime_value=4900)
    ask(payments.refund_order, order_id=paid["id"], to="account_credit")
    assert facts_of(ada, purchases=0)["lifetime_value"] == 4900  # it lies there for them to spend
    ask(credit.grant_credit, contact_id=ada, amount={"amount": 4900, "currency": "EUR"}, reason="A gift")
    for bought in (1, 2):
        order = ordered(ask, ada, gold)
        ask(payments.take_payment, order_id=order["id"], method="account_credit")
        found = facts_of(ada, purchases=bought)
        assert (found["lifetime_value"], found["dues"], found["other_currencies"]) == (4900, 0, [])


@pytest.mark.requirement("C24", "C21")
def test_a_trial_is_one_until_it_is_over(ask, facts_of, billing_says):
    ada, ben = (a_lead(ask)["id"] for _ in range(2))
    trial = ask(packages.create_package, name="Week", kind="trial", price={"amount": 900, "currency": "EUR"})
    order = ordered(ask, ada, trial)
    facts_of(ada, trial=True, pricing_option=None)
    ask(orders.cancel_order, order_id=order["id"])
    assert facts_of(ada, trial=False)["had_subscription"] is False
    told = {"assignment_id": str(uuid.uuid4()), "name": "Week"}
    over = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    billing_says(orders.trial_ended, ben, 972, **told, reason="it expired", ended_at=over)
    billing_says(orders.package_assigned, ben, 971, **told, package_id=trial["id"], kind="trial", trial=True)
    gold = {"assignment_id": str(uuid.uuid4()), "name": "Gold", "kind": "membership", "since": over.date()}
    billing_says(orders.package_paid, ben, 973, **gold, pricing_option="weekly")
    assert facts_of(ben, membership="Gold", pricing_option="weekly")["trial"] is False


@pytest.mark.requirement("C24")
def test_other_currencies_stand_apart(ask, facts_of):
    ada = a_lead(ask)["id"]
    price = {"amount": 2500, "currency": "CHF"}
    order = ordered(ask, ada, ask(packages.create_package, name="Alp", kind="product", price=price))
    ask(payments.take_payment, order_id=order["id"], method="cash")
    found = facts_of(ada, purchases=1)
    assert (found["currency"], found["lifetime_value"], found["dues"]) == ("EUR", 0, 0)
    assert found["other_currencies"] == [{"amount": 2500, "currency": "CHF"}]


@pytest.mark.requirement("C24")
def test_the_last_word_exchanged_is_the_one_that_was_said_last(ask, facts_of):
    ada = a_lead(ask)["id"]
    said = [("call", "in", "2026-03-02T09:00:00Z"), ("email", "out", "2026-03-01T09:00:00Z")]
    for channel, direction, moment in said:  # the older is written down later
        ask(communications.log_communication, contact_id=ada, channel=channel, direction=direction, happened_at=moment)
    found = facts_of(ada, last_contact_at=said[0][2], last_contact_channel="call")
    assert found["last_activity_at"] == said[0][2]


@pytest.mark.requirement("C24")
def test_everybody_has_facts_a_moment_after_they_were_entered(ask, subscriber, database, eventually):
    """They are noughts, as was said of them before: nothing is told of that."""
    listener = subscriber("contacts.events", facts_changed.type)
    ada = ask(people.create_contact, **a_person(enter_as="customer"))["id"]
    before = ask(facts.get_facts, contact_id=ada)
    with database("contacts").connect() as connection:
        there = sa.text("SELECT count(*) FROM facts WHERE contact_id = :id")
        eventually(lambda: connection.scalar(there, {"id": ada}), bool)
    assert ask(facts.get_facts, contact_id=ada) == before
    assert before["purchases"] == 0
    listener.listen(0.3)
    assert listener.of(facts_changed.type, subject=ada) == []
    with pytest.raises(NotFound):
        ask(facts.get_facts, contact_id=str(uuid.uuid4()))


@pytest.mark.requirement("C24")
def test_the_same_facts_come_of_events_in_any_order(ask, billing_says, facts_of):
    """One hears the story of an order as it went, the other in any order and with repetitions."""
    story = a_story()
    ada, ben = (ask(people.create_contact, **a_person(enter_as="customer"))["id"] for _ in range(2))
    expected = {"purchases": 2, "dues": 700, "lifetime_value": 5500, "membership": "Silver"}
    for event, position, data in story:
        billing_says(event, ada, position, **data)
    facts_of(ada, **expected)
    shuffled = random.Random(7).sample(story, len(story))
    told = [(event, position, data, billing_says(event, ben, 100 + position, **other_ids(data)))
            for event, position, data in shuffled]  # fmt: skip
    for event, position, data, id in told:
        billing_says(event, ben, 100 + position, id=id, **other_ids(data))
    facts_of(ben, **expected)


@pytest.mark.requirement("C24")
@pytest.mark.parametrize(("reason", "state"), [("cancelled by the member", "cancelled"), ("It expired.", "expired")])
def test_a_membership_that_is_over_is_remembered(ask, billing_says, facts_of, reason, state):
    ada = ask(people.create_contact, **a_person(enter_as="customer"))["id"]
    package = {"assignment_id": str(uuid.uuid4()), "name": "Gold"}
    over = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    billing_says(orders.package_ended, ada, 902, **package, reason=reason, ended_at=over)
    billing_says(orders.package_paid, ada, 901, **package, kind="membership", since=dt.date(2026, 3, 2))
    found = facts_of(ada, subscription_state=state)
    assert (found["had_subscription"], found["membership"]) == (True, None)


@pytest.mark.requirement("C13", "C24")
def test_a_membership_tells_until_when_it_is_and_filters_ask_it(ask, billing_says, facts_of):
    ada, ben = (ask(people.create_contact, **a_person(enter_as="customer"))["id"] for _ in range(2))
    today = dt.datetime.now(dt.UTC).date()
    for position, (contact, ahead) in enumerate([(ada, 5), (ada, 370), (ben, 5)]):  # Ada has renewed it
        told = {"assignment_id": str(uuid.uuid4()), "name": "Gold", "kind": "membership", "since": today}
        billing_says(orders.package_paid, contact, 950 + position, **told, expires_on=today + dt.timedelta(ahead))
    facts_of(ada, membership_expires_on=(today + dt.timedelta(370)).isoformat())
    facts_of(ben, membership_expires_on=(today + dt.timedelta(5)).isoformat())

    def found(operator, n):
        asked = [{"field": "membership_expires_on", "operator": operator, "value": {"n": n, "unit": "day"}}]
        answer = ask(finding.search_contacts, filter={"rules": asked}, limit=200)
        return {ada, ben} & {one["id"] for one in answer["items"]}

    assert (found("inNext", 7), found("inNext", 400), found("olderThan", 1)) == ({ben}, {ada, ben}, set())
    ended_at = dt.datetime.now(dt.UTC) - dt.timedelta(days=3)
    billing_says(
        orders.package_ended,
        ben,
        960,
        assignment_id=told["assignment_id"],
        name="Gold",
        reason="cancelled",
        ended_at=ended_at,
    )
    facts_of(ben, subscription_state="cancelled", membership_expires_on=ended_at.date().isoformat())
    assert found("inNext", 7) == set()


def a_story():
    """Gold is bought and given back, then Silver; of a third order a part is paid."""
    ids = {name: str(uuid.uuid4()) for name in ("gold", "silver", "bag", "p1", "p2", "p3", "a1", "a2")}

    def money(amount):
        return {"amount": amount, "currency": "EUR"}

    def placed(order, total):
        return orders.order_placed, {"order_id": ids[order], "number": 1, "total": money(total), "items": []}

    def pay(event, order, payment, amount, **more):
        data = {"payment_id": ids[payment], "order_id": ids[order], "order_number": 1, "method": "cash"}
        return event, {**data, "amount": money(amount), "decided_by": None, "reason": None, **more}

    def owned(event, assignment, name, **more):
        return event, {"assignment_id": ids[assignment], "name": name, **more}

    taken, refunded = payments.payment_taken, payments.payment_refunded
    membership = {"kind": "membership", "since": dt.date(2026, 3, 2)}
    steps = [
        placed("gold", 4900),
        pay(taken, "gold", "p1", 4900),
        owned(orders.package_paid, "a1", "Gold", **membership),
        pay(refunded, "gold", "p1", 4900, credited=money(4900)),
        owned(orders.package_reversed, "a1", "Gold", reason="moved away"),
        placed("silver", 5000),
        pay(taken, "silver", "p2", 5000),
        owned(orders.package_paid, "a2", "Silver", **membership),
        placed("bag", 1200),
        pay(taken, "bag", "p3", 1000),
        pay(refunded, "bag", "p3", 500, credited=money(0)),
    ]
    return [(event, position, data) for position, (event, data) in enumerate(steps)]


def other_ids(data):
    """The same data about other orders, payments and packages."""
    return {name: str(uuid.uuid5(uuid.NAMESPACE_OID, value)) if name.endswith("_id") else value
            for name, value in data.items()}  # fmt: skip

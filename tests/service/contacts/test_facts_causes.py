"""Whatever is heard together: each change of facts, and so each passage of a segment, names the event that made it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from benchmarks.crowd import make_crowd
from chassis.ids import new_id
from chassis.told import Told
from contracts.billing import orders, payments
from contracts.contacts.facts import facts_changed
from contracts.contacts.filters import read_group
from contracts.contacts.segments import segment_entered
from contracts.contacts.tags import contact_tagged
from contracts.pipeline.leads import lead_moved
from services.contacts.facts.reactions import add_to_facts
from services.contacts.segments.actions import defining, following
from services.contacts.timeline.rules import summary_of
from tests.builders.heard import NOON, asked_by, heard, number
from tests.builders.works import Clockwork, a_clockwork
from tests.house.keeper import Servers

PRICE = {"amount": 4900, "currency": "EUR"}


@pytest.fixture
def bare(servers: Servers) -> Iterator[Clockwork]:
    with a_clockwork(servers, now=NOON) as clockwork:
        yield clockwork


@pytest.fixture
def ada(bare: Clockwork) -> str:
    with bare.work() as work:
        make_crowd(work.session.connection(), 1, now=NOON)
        work.session.execute(sa.text("DELETE FROM facts"))
        return work.session.scalar(sa.text("SELECT id::text FROM contacts"))


def a_sale_that_wins_the_lead(contact: str) -> list[Told]:
    order, payment, assignment = (str(uuid.uuid4()) for _ in range(3))
    of_payment = {"payment_id": payment, "order_id": order, "order_number": 1, "method": "cash", "amount": PRICE}
    package = {"assignment_id": assignment, "name": "Gold", "kind": "membership", "since": "2026-11-22"}
    stages = {"from_stage_id": new_id(), "from_stage": "New", "stage_id": new_id(), "to_stage": "Won"}
    return [
        heard(orders.order_placed, contact, 1, order_id=order, number=1, total=PRICE, items=[]),
        heard(payments.payment_taken, contact, 2, **of_payment, decided_by=None, reason=None),
        heard(orders.package_paid, contact, 3, **package),
        heard(lead_moved, contact, 4, **stages, reason="paid", by=None, version=2),
    ]


EACH = [
    ("order.placed", {"dues"}),
    ("payment.taken", {"lifetime_value", "dues", "purchases", "first_purchase_at", "last_purchase_at"}),
    ("package.paid", {"subscription_state", "had_subscription", "membership"}),
    ("lead.moved", {"stage"}),
]


@pytest.mark.requirement("C24", "O03")
@pytest.mark.parametrize("at_once", [1, 2, 4])
def test_each_change_names_the_event_that_made_it_whatever_is_heard_together(bare, ada, at_once):
    story = a_sale_that_wins_the_lead(ada)
    for start in range(0, len(story), at_once):
        bare.hears(add_to_facts, story[start : start + at_once])
    changes = bare.told(facts_changed)
    assert [(event.data.cause.type, set(event.data.changes)) for event in changes] == EACH
    assert [asked_by(event) for event in changes] == [number(position) for position in range(1, 5)]


@pytest.mark.requirement("C26", "O03")
@pytest.mark.parametrize("already_heard", [0, 3], ids=["together", "the rest is on its way"])
def test_of_a_sale_and_a_move_that_come_together_each_segment_tells_its_own(bare, ada, already_heard):
    asked = {
        "Spent": ("lifetime_value", ">=", 4900),
        "Gold": ("membership", "=", "Gold"),
        "Won": ("stage", "=", "Won"),
        "Named": ("first_name", "notNull", None),
    }
    with bare.work() as work:
        for name, (field, operator, value) in asked.items():
            filter = read_group({"rules": [{"field": field, "operator": operator, "value": value}]})
            defining.add_segment(work, name=name, description="", filter=filter)
        work.session.execute(sa.text("UPDATE segments SET evaluated = edition WHERE name <> 'Named'"))
    bare.hears(add_to_facts, a_sale_that_wins_the_lead(ada))
    bare.hears(following.follow, bare.told(facts_changed)[already_heard:])
    entered = bare.told(segment_entered)
    assert {event.data.name: (event.data.cause["words"], event.request_id) for event in entered} == {
        "Spent": ("Payment taken: Lifetime value (minor units) changed", "r-2"),
        "Gold": ("Package paid: Package none → Gold", "r-3"),
        "Won": ("Lead moved: Stage none → Won", "r-4"),
        "Named": ("the segment was defined", None),
    }
    assert {event.actor["id"] for event in entered} == {"service:contacts"}


@pytest.mark.requirement("C21", "C31")
def test_what_the_system_tags_is_told_as_its_own_deed_with_the_cause(bare, ada):
    filter = read_group({"rules": [{"field": "subscription_state", "operator": "=", "value": "active"}]})
    with bare.work() as work:
        defining.add_segment(work, name="active-member", description="", filter=filter, tag="active-member")
        work.session.execute(sa.text("UPDATE segments SET evaluated = edition"))
    bare.hears(add_to_facts, a_sale_that_wins_the_lead(ada))
    changes = bare.told(facts_changed)
    bare.hears(following.follow, changes)  # as whoever took the payment
    [tagged] = bare.told(contact_tagged)
    assert tagged.actor == {"id": "service:contacts", "name": "contacts", "role": "service"}
    assert tagged.data.cause.event_id in {event.id for event in changes}
    assert summary_of(tagged.type, tagged.plain) == "Tagged “active-member”: Package paid: Subscription none → active"

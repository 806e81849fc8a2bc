"""What events leave behind, in whatever order and however often they come."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from hypothesis import given, settings, strategies as st

from contracts.catalogue import all_events
from services.contacts.facts.rules import TYPES, marks_of, newest, spend_of
from services.contacts.projections.rules import Happened, as_logged
from tests.builders.examples import examples

ADA = "00000000-0000-7000-8000-00000000000a"
MONDAY = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


def event(type, sequence=1, *, at=MONDAY, actor=None, id=None, **data):
    return Happened(id or str(uuid.UUID(int=sequence)), type, "billing", ADA, at, sequence, data, actor)


def kept(*batches):
    """What stands after these batches: the newest mark of each thing, as the database keeps it."""
    store = {}
    for batch in batches:
        for mark in newest([mark for happened in batch for mark in marks_of(happened)]):
            known = store.get(mark.key)
            if known is None or mark.age > known.age:
                store[mark.key] = mark
    return store


logged = st.builds(
    event,
    st.sampled_from(["message.logged", "message.sent"]),
    st.integers(1, 20),
    at=st.integers(0, 3).map(lambda hours: MONDAY + dt.timedelta(hours=hours)),
    channel=st.sampled_from(["email", "call"]),
    direction=st.sampled_from(["in", "out"]),
)
moved = st.builds(event, st.just("lead.moved"), st.integers(1, 20), to_stage=st.sampled_from(["New", "Trial", "Won"]))
paid = st.builds(event, st.sampled_from(["package.paid", "package.reversed"]), st.integers(1, 20), kind=st.just("x"),
                 name=st.just("Gold"), assignment_id=st.sampled_from(["one", "two"]))  # fmt: skip


@pytest.mark.requirement("C24")
@settings(max_examples=examples(5000), deadline=None)
@given(st.lists(st.one_of(logged, moved, paid), max_size=8, unique_by=lambda e: e.sequence), st.data())
def test_order_and_repetition_do_not_matter(events, data):
    repeated = data.draw(st.permutations([one for one in events for _ in range(data.draw(st.integers(1, 3)))]))
    cut = data.draw(st.integers(0, len(repeated)))
    assert kept(repeated[:cut], repeated[cut:]) == kept(events)


def test_a_refund_of_before_its_credit_was_told_counts_as_credited_whole():
    amount = {"amount": 900, "currency": "EUR"}
    told = {"payment_id": "p", "order_id": "o", "amount": amount}
    old, new = event("payment.refunded", **told), event("payment.refunded", **told, credited={**amount, "amount": 0})
    assert [next(marks_of(each)).data["credited"] for each in (old, new)] == [900, 0]


@pytest.mark.parametrize(
    ("happened", "own"),
    [
        (event("agreement.signed"), True),
        (event("member_session.begun"), True),
        (event("member_session.ended"), False),
        (event("message.logged", channel="call", direction="in"), True),
        (event("message.logged", channel="call", direction="out"), False),
        (event("message.sent", channel="email"), False),
        (event("order.placed", order_id="o", total={"amount": 1, "currency": "EUR"}), False),
        (event("order.placed", actor={"role": "member"}, order_id="o", total={"amount": 1, "currency": "EUR"}), True),
    ],
    ids=lambda told: told.type if isinstance(told, Happened) else "",
)
def test_only_what_contacts_do_themselves_is_their_activity(happened, own):
    assert ("active" in {mark.kind for mark in marks_of(happened)}) is own


def test_a_call_is_of_the_day_that_it_took_place():
    yesterday = (MONDAY - dt.timedelta(days=1)).isoformat()
    [mark] = marks_of(event("message.logged", channel="call", direction="out", happened_at=yesterday))
    assert mark.at == MONDAY - dt.timedelta(days=1)


def test_every_type_that_leaves_a_mark_is_told_by_somebody():
    assert {told.type for told in all_events()} >= TYPES


def test_a_logged_event_keeps_only_what_its_contract_knows():
    row = {"id": ADA, "type": "note.added", "subject": ADA, "time": "2026-03-02T09:00:00Z", "position": 4,
           "data": {"author": "Ada", "colour": "red"}, "actor": None}  # fmt: skip
    assert as_logged("contacts", row).data == {"author": "Ada"}
    assert as_logged("contacts", {**row, "type": "weather.changed"}) is None


@pytest.mark.requirement("C14")
@pytest.mark.parametrize(
    ("bookings", "since", "per_booking", "per_month"),
    [
        (0, None, None, None),  # never bought, never came
        (4, MONDAY, 3000, 12000),  # in the first month it counts whole
        (4, MONDAY - dt.timedelta(days=365), 3000, 1001),
    ],
)
def test_spend_is_told_for_each_booking_and_month(bookings, since, per_booking, per_month):
    spend = spend_of(12000, "EUR", bookings=bookings, first_purchase_at=since, now=MONDAY)
    amounts = [spend[name] and spend[name]["amount"] for name in ("total", "per_booking", "per_month")]
    assert amounts == [12000, per_booking, per_month]

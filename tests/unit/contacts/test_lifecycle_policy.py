"""What makes a customer is a policy; what ends makes a former one."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings, strategies as st

from services.contacts.contact.rules import (
    Booked,
    Ground,
    customer_since,
    lifecycle_of,
    with_booking,
    with_end,
    with_payment,
    with_reversal,
)
from tests.builders.examples import examples

BORN = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)


def day(number: int) -> dt.datetime:
    return BORN + dt.timedelta(days=number)


def paid(name: str = "Gold", kind: str = "membership", *, since: int = 0, ended: int | None = None, **more) -> Ground:
    ended_at = None if ended is None else day(ended)
    return Ground(name, kind, day(since), ended_at, paid_position=1, **more)


PACK = paid("Ten", "credit_pack")


@pytest.mark.requirement("C03")
@pytest.mark.parametrize(
    ("grounds", "booked", "state", "reason"),
    [
        ([], None, "lead", "lead: no active subscription yet"),
        ([], 5, "lead", "lead: no active subscription yet"),
        ([PACK], 5, "lead", "lead: no active subscription yet; credit pack Ten does not count"),
        ([paid()], None, "lead", "lead: membership Gold, but no booking yet"),
        ([paid(), PACK], 5, "customer", "customer since 2026-01-06: membership Gold, and booked"),
        ([paid(since=9)], 5, "customer", "customer since 2026-01-10: membership Gold, and booked"),
        ([paid(ended=30)], 5, "former_customer", "former customer since 2026-01-31: membership Gold ended"),
        ([paid(ended=30), PACK], 5, "former_customer", "former customer since 2026-01-31: membership Gold ended"),
        ([paid(ended=3)], 5, "lead", "lead: membership Gold ended before the first booking"),
        (
            [paid(ended=3), paid("Silver", since=8)],
            5,
            "customer",
            "customer since 2026-01-09: membership Silver, and booked",
        ),
        (
            [paid(reversed_position=2, reversal="refunded"), PACK],
            5,
            "lead",
            "lead again: membership Gold was reversed (refunded)",
        ),
    ],
)
def test_under_the_stricter_policy_a_subscription_and_a_booking_make_a_customer(grounds, booked, state, reason):
    first_booked_at = None if booked is None else day(booked)
    derived = lifecycle_of(
        grounds,
        entered_as="lead",
        created_at=BORN,
        policy="subscription_and_booking",
        first_booked_at=first_booked_at,
    )
    assert (derived.state, derived.reason) == (state, reason)
    since = customer_since(grounds, None, policy="subscription_and_booking", first_booked_at=first_booked_at)
    assert (since is not None) == (state != "lead")


@pytest.mark.requirement("C02", "C03")
def test_who_was_entered_as_a_customer_is_told_what_is_missing():
    derived = lifecycle_of([], entered_as="customer", created_at=BORN, policy="subscription_and_booking")
    assert derived.reason == "entered as a customer, becomes one with an active subscription and a booking"


def noted(facts) -> Ground | None:
    ground = None
    for position, what in facts:
        if what == "paid":
            ground = with_payment(ground, name="Gold", kind="membership", since=day(position), position=position)
        elif what == "ended":
            ground = with_end(ground, name="Gold", ended_at=day(position), position=position)
        else:
            ground = with_reversal(ground, name="Gold", reason=f"no {position}", position=position)
    return ground


@pytest.mark.requirement("C03")
@settings(max_examples=examples(2000), deadline=None)
@given(st.lists(st.sampled_from(["paid", "ended", "reversed"]), min_size=1, max_size=6), st.data())
def test_payments_ends_and_reversals_come_to_the_same_in_any_order(told, data):
    facts = list(enumerate(told, start=1))
    in_order, as_heard = noted(facts), noted(data.draw(st.permutations(facts * 2)))
    assert as_heard == in_order
    paid_last = max((position for position, what in facts if what == "paid"), default=0)
    later = [what for position, what in facts if position > paid_last]
    state = lifecycle_of([as_heard], entered_as="lead", created_at=BORN).state
    expected = "lead" if not paid_last or "reversed" in later else "former_customer" if "ended" in later else "customer"
    assert state == expected


@pytest.mark.requirement("C03")
def test_who_books_has_booked_from_then_on_until_no_booking_stands():
    made = with_booking(Booked(), since=day(3), position=7)
    assert made == Booked(day(3), 7)
    assert with_booking(made, since=day(1), position=6) == made
    assert with_booking(made, since=day(9), position=8) == Booked(day(9), 8)
    assert with_booking(made, since=None, position=8) == Booked(None, 8)

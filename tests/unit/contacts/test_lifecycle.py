"""The lifecycle is derived from what is paid, whatever the order in which it is heard of."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings, strategies as st

from services.contacts.contact.rules import (
    Ground,
    customer_since,
    lead_from_the_start,
    lifecycle_of,
    with_payment,
    with_reversal,
)
from tests.builders.examples import examples

BORN = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)


def day(number: int) -> dt.datetime:
    return BORN + dt.timedelta(days=number)


def paid(name: str = "Gold", *, since: dt.datetime = BORN, position: int = 1, **more) -> Ground:
    return Ground(name, "membership", since, paid_position=position, **more)


def state(*grounds: Ground, entered_as: str = "lead"):
    return lifecycle_of(grounds, entered_as=entered_as, created_at=BORN)


@pytest.mark.requirement("C03")
@pytest.mark.parametrize(
    ("grounds", "expected", "reason"),
    [
        ([], "lead", "lead: no paid package yet"),
        ([paid(since=day(59))], "customer", "customer since 2026-03-01: paid membership Gold"),
        (
            [paid("Pack", since=day(59)), paid(since=day(9))],
            "customer",
            "customer since 2026-01-10: paid membership Gold",
        ),
        ([paid(ended_at=day(30))], "former_customer", "former customer since 2026-01-31: membership Gold ended"),
        (
            [paid(ended_at=day(30)), paid("Pack", since=day(40))],
            "customer",
            "customer since 2026-02-10: paid membership Pack",
        ),
        (
            [paid(reversed_position=2, reversal="refunded")],
            "lead",
            "lead again: membership Gold was reversed (refunded)",
        ),
        (
            [paid(reversed_position=9, reversal="LAST"), paid("Mat", since=day(5), reversed_position=4)],
            "lead",
            "lead again: membership Gold was reversed (LAST)",
        ),
        (
            [paid(reversed_position=2), paid("Pack", ended_at=day(3))],
            "former_customer",
            "former customer since 2026-01-04: membership Pack ended",
        ),
        ([paid(position=3, reversed_position=2)], "customer", "customer since 2026-01-01: paid membership Gold"),
    ],
    ids=[
        "nothing",
        "paid",
        "earliest counts",
        "ended",
        "another goes on",
        "reversed",
        "the last reversal counts",
        "one left, ended",
        "paid anew",
    ],
)
def test_the_lifecycle_follows_what_is_paid_and_says_why(grounds, expected, reason):
    derived = state(*grounds)
    assert (derived.state, derived.reason) == (expected, reason)


@pytest.mark.requirement("C02", "C03")
def test_who_was_entered_as_a_customer_is_a_lead_until_something_is_paid():
    derived = state(entered_as="customer")
    assert derived.state == "lead"
    assert "becomes one with the first paid package" in derived.reason
    assert derived == lead_from_the_start(entered_as="customer", created_at=BORN)


@pytest.mark.requirement("C04")
@pytest.mark.parametrize(
    ("told", "grounds", "expected"),
    [
        (None, [], None),
        (None, [paid(since=day(9))], dt.date(2026, 1, 10)),
        (dt.date(2019, 5, 1), [paid(since=day(9))], dt.date(2019, 5, 1)),
        (dt.date(2026, 6, 1), [paid(since=day(9))], dt.date(2026, 1, 10)),
        (None, [paid(reversed_position=2)], None),
    ],
    ids=["never", "paid", "migrated", "told too late", "as if it never was"],
)
def test_customer_since_is_the_earliest_day_that_still_counts(told, grounds, expected):
    assert customer_since(grounds, told) == expected


news = st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(["paid", "reversed"]))


def noted(facts: list[tuple[int, str, str]]) -> dict[str, Ground]:
    grounds: dict[str, Ground] = {}
    for position, assignment, what in facts:
        known = grounds.get(assignment)
        if what == "paid":
            since = day(position)
            grounds[assignment] = with_payment(
                known, name=assignment, kind="membership", since=since, position=position
            )
        else:
            grounds[assignment] = with_reversal(known, name=assignment, reason=f"no {position}", position=position)
    return grounds


@pytest.mark.requirement("C03")
@settings(max_examples=examples(5000), deadline=None)
@given(st.lists(news, max_size=6), st.data())
def test_told_one_to_five_times_in_any_order_it_comes_to_the_same(told, data):
    facts = [(position, *fact) for position, fact in enumerate(told, start=1)]
    times = [data.draw(st.integers(1, 5)) for _ in facts]
    heard = data.draw(st.permutations([fact for fact, n in zip(facts, times, strict=True) for _ in range(n)]))
    in_order, as_heard = noted(facts), noted(heard)
    assert as_heard == in_order
    assert state(*as_heard.values()) == state(*in_order.values())
    last = {assignment: what for _, assignment, what in facts}
    assert (state(*as_heard.values()).state == "customer") == ("paid" in last.values())

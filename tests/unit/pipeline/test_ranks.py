"""Ranks leave room between any two."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from services.pipeline.ranks import between, on_top

ranks = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**18), max_value=10**18, places=6)


@pytest.mark.requirement("P03")
@given(ranks, ranks)
def test_there_is_always_a_rank_strictly_between_two_others(one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    found = between(low, high)
    assert low < found < high if low < high else found == low


@given(ranks)
def test_an_open_end_has_room_as_well(rank: Decimal) -> None:
    assert between(None, rank) < rank < between(rank, None)


@given(st.lists(st.booleans(), max_size=400))
def test_dragging_into_the_same_gap_again_and_again_stays_exact_and_short(upwards: list[bool]) -> None:
    low, high = Decimal(1), Decimal(2)
    for up in upwards:
        found = between(low, high)
        assert low < found < high
        low, high = (found, high) if up else (low, found)
    assert len(str(between(low, high))) <= 4 + len(upwards)


def test_what_comes_later_stands_above_and_so_does_the_next_of_one_batch() -> None:
    now = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
    later = now + dt.timedelta(milliseconds=1)
    assert on_top(later) < on_top(now, nth=1) < on_top(now)

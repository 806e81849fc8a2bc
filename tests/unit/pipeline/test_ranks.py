"""Ranks leave room between any two."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from services.pipeline.leads.placing import AROUND
from services.pipeline.ranks import ROOMY, between, is_too_fine, on_top, spread

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


@pytest.mark.requirement("P03")
@pytest.mark.parametrize("upwards", [True, False])
def test_after_ten_thousand_drags_to_one_gap_ranks_are_short_and_in_order(upwards: bool) -> None:
    ranks = [Decimal(nth) for nth in range(120)]
    for _ in range(10_000):
        place = 60 if upwards else len(ranks) - 60
        found = between(ranks[place - 1], ranks[place])
        if is_too_fine(found):
            widen(ranks, place)
            found = between(ranks[place - 1], ranks[place])
        ranks.insert(place, found)
    assert all(low < high for low, high in itertools.pairwise(ranks))
    assert not any(map(is_too_fine, ranks))


def widen(ranks: list[Decimal], place: int) -> None:
    """As `placing` does with the cards of a stage."""
    for around in AROUND:
        low, high = max(0, place - around), place + around - 1
        last = ranks[high] if high < len(ranks) else None
        wider = spread(ranks[low], last, len(ranks[low + 1 : high]))
        if not any(is_too_fine(rank, ROOMY) for rank in wider):
            break
    ranks[low + 1 : high] = wider


@given(ranks, st.integers(0, 200))
def test_however_many_are_spread_they_rise_between_the_two(low: Decimal, count: int) -> None:
    for high in (low + Decimal("0.000001"), None):
        found = [low, *spread(low, high, count), *([high] if high is not None else [])]
        assert all(one < other for one, other in itertools.pairwise(found))
        assert len(found) == count + (1 if high is None else 2)


def test_what_comes_later_stands_above_and_so_does_the_next_of_one_batch() -> None:
    now = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
    later = now + dt.timedelta(milliseconds=1)
    assert on_top(later) < on_top(now, nth=1) < on_top(now)

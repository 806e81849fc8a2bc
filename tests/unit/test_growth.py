"""What the bench calls growth: neither garbage nor a moment's work, but what goes on all the time."""

from __future__ import annotations

import pytest

from benchmarks.growth import FLAT, Sizes

MOMENTS = [120.0 + 2.5 * nth for nth in range(192)]


def sizes(*, a_minute: float = 0.0, garbage: float = 0.0, step_at: float = 1e9) -> Sizes:
    """A process of 100 MiB, looked at from the second minute to the tenth."""
    return Sizes(
        100.0,
        [
            (at, 100.0 + at / 60 * a_minute + (at % 30) / 30 * garbage + (30.0 if at >= step_at else 0.0))
            for at in MOMENTS
        ],
    )


@pytest.mark.requirement("O03")
@pytest.mark.parametrize(
    ("process", "flat"),
    [
        (sizes(), True),
        (sizes(garbage=8.0), True),  # collected every half minute
        (sizes(step_at=590.0), True),  # one large answer just before the end
        (sizes(a_minute=0.2), True),  # 1.6 MiB in eight minutes
        (sizes(a_minute=0.6), False),  # 4.8
        (sizes(a_minute=0.6, garbage=8.0), False),
    ],
)
def test_a_process_that_keeps_growing_is_told_from_one_that_only_works(process: Sizes, flat: bool) -> None:
    assert (process.growth() <= FLAT) is flat


def test_growth_is_the_end_beside_the_beginning() -> None:
    assert sizes(a_minute=1.0).growth() == pytest.approx(110 / 102, rel=0.001)

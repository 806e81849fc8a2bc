"""How long somebody still waits, told without a clock; and what a gap in the pulse says of what is read after it."""

import pytest

from chassis import deadlines
from chassis.deadlines import UNTOLD_SECONDS, Pulse, seconds_for_inner, seconds_told
from chassis.wire import SECONDS_LEFT


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("1.5", 1.5), (2, 2.0), ("soon", 5.0), (None, 5.0), ({"in": 1}, 5.0), ("nan", 5.0), ("inf", 5.0), ("-1", -1.0)],
)
def test_what_cannot_be_understood_is_five_seconds(told, seconds):
    assert seconds_told({SECONDS_LEFT: told}) == seconds
    assert seconds_told({}) == UNTOLD_SECONDS


@pytest.mark.requirement("G06")
@pytest.mark.parametrize(("left", "inner"), [(5.0, 4.5), (1.0, 0.9), (0.5, 0.4), (0.05, 0.001), (-1.0, 0.001)])
def test_an_inner_question_ends_before_the_outer_one_is_given_up(left, inner):
    assert seconds_for_inner(left) == pytest.approx(inner)


class Enough(Exception):
    """The pulse has beaten often enough."""


@pytest.mark.requirement("G06")
def test_what_is_read_after_a_gap_may_be_as_old_as_the_gap(monkeypatch):
    times = iter([0.0, 0.1, 0.2, 7.3, 7.4])
    monkeypatch.setattr(deadlines.time, "monotonic", lambda: next(times))

    def once(_: float) -> None:
        raise Enough

    pulse = Pulse(once)  # at 0.0
    with pytest.raises(Enough):
        pulse.beat()  # at 0.1
    assert pulse.earliest_arrival() == 0.2, "it came just now"
    with pytest.raises(Enough):
        pulse.beat()  # at 7.3: it thaws, and beats before it reads
    assert pulse.earliest_arrival() == 0.1

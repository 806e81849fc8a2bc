"""A service that does not answer is left alone for a while, and takes nobody else down."""

from __future__ import annotations

import pytest

from chassis.gate import Gate
from contracts.errors import Unavailable


def _times_out(gate: Gate) -> None:
    gate.enter()
    gate.leave()
    gate.judge(timed_out=True)


def test_no_more_calls_than_the_bulkhead_holds() -> None:
    gate = Gate("billing", at_once=2, row=5, rest=1.0)
    gate.enter()
    gate.enter()
    with pytest.raises(Unavailable, match="too many"):
        gate.enter()
    gate.leave()
    gate.enter()


def test_after_a_row_of_timeouts_calls_are_refused_at_once() -> None:
    gate = Gate("billing", at_once=9, row=3, rest=60.0)
    for _ in range(3):
        _times_out(gate)
    with pytest.raises(Unavailable, match="does not answer"):
        gate.enter()


def test_one_call_tries_when_the_rest_is_over_and_an_answer_opens_the_gate() -> None:
    gate = Gate("billing", at_once=9, row=1, rest=0.0)
    _times_out(gate)
    gate.enter()
    gate.leave()
    gate.judge(timed_out=False)
    gate.enter()
    gate.enter()


def test_an_answer_in_between_breaks_the_row() -> None:
    gate = Gate("billing", at_once=9, row=2, rest=60.0)
    _times_out(gate)
    gate.enter()
    gate.leave()
    gate.judge(timed_out=False)
    _times_out(gate)
    gate.enter()

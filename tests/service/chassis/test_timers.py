"""Timers: once an interval in one process of all, and at most one run more when a clock jumps."""

from __future__ import annotations

import pytest

from chassis.service import Runtime
from chassis.timers import run_if_due

HOUR = 3600.0


@pytest.fixture
def tick(idle_service: Runtime):
    """Run the timer if it is due; whether it ran."""
    return lambda: run_if_due(idle_service, "sweep", HOUR, lambda work: None)


@pytest.mark.requirement("O02")
def test_a_timer_runs_once_an_interval_however_many_ask(tick):
    assert [tick() for _ in range(5)] == [True, False, False, False, False]


@pytest.mark.requirement("O02")
@pytest.mark.parametrize("jump", ["1 hour", "-1 hour", "30 days", "-30 days"])
def test_a_clock_that_jumps_makes_one_run_more_at_most(idle_service, tick, jump):
    assert tick()
    with idle_service.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE timers SET last_run = last_run - interval '{jump}'")
    assert [tick() for _ in range(4)].count(True) <= 1
    with idle_service.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE timers SET last_run = now() - interval '{HOUR} seconds'")
    assert tick(), "it goes on"


@pytest.mark.requirement("O02")
def test_a_run_that_fails_is_due_again(idle_service, tick):
    with pytest.raises(ZeroDivisionError):
        run_if_due(idle_service, "sweep", HOUR, lambda work: 1 / 0)
    assert tick()

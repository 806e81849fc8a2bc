"""A step of a job is done once from each checkpoint, however late whoever claimed it comes to do it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.running import LEASE_SECONDS, Doing, Runners
from chassis.service import Runtime
from chassis.tables import jobs
from chassis.work import Work

STEPS = 3
pytestmark = pytest.mark.requirement("C27")


@pytest.fixture
def walked(idle_service: Runtime) -> list[int]:
    """The steps that were done of a walk that is about to begin, as far as they were committed."""
    with Work(idle_service) as work:
        work.start_job("walk", {})
    return []


@pytest.fixture
def a_runner(idle_service: Runtime, walked: list[int]) -> Callable[[], Runners]:
    """A process's runners, by hand."""

    def step(work: Work, job: Any) -> None:
        at = job.checkpoint.get("at", 0)
        walked.append(at)
        job.checkpoint["at"] = at + 1
        if at + 1 == STEPS:
            job.finish()

    def make() -> Runners:
        made = Runners()
        made._runtime, made.doors = idle_service, {"walk": Doing("walk", step)}
        return made

    return make


def held_up(runner: Runners, meanwhile: Callable[[], Any]) -> None:
    """Let it claim, and do something else before it goes on, as when its process is frozen for a moment."""
    claim = runner._claim

    def and_stop() -> Any:
        row = claim()
        runner._claim = claim  # type: ignore[method-assign]
        meanwhile()
        return row

    runner._claim = and_stop  # type: ignore[method-assign]


def takes_a_step(runner: Runners) -> None:
    """Look until there was something to do: a claim is left alone for a while."""
    ends = time.monotonic() + 10
    while not runner._step():
        assert time.monotonic() < ends
        time.sleep(0.05)


def claims(runner: Runners) -> Any:
    """Look until there was something to claim."""
    ends = time.monotonic() + 10
    while not (row := runner._claim()):
        assert time.monotonic() < ends
        time.sleep(0.05)
    return row


@pytest.mark.parametrize("others", [1, 2])
def test_who_was_held_up_does_no_step_again(a_runner, walked, others):
    late, prompt = a_runner(), a_runner()
    held_up(late, lambda: [takes_a_step(prompt) for _ in range(others)])
    takes_a_step(late)
    while len(walked) < STEPS:
        takes_a_step(late)
    assert walked == list(range(STEPS))
    assert not late._step(), "it is done"


def test_who_claimed_again_meanwhile_leaves_it_to_one_of_both(a_runner, walked):
    """The other has claimed, and not begun, when the late one goes on."""
    late, prompt = a_runner(), a_runner()

    def both() -> None:
        held_up(prompt, lambda: None)
        takes_a_step(late)

    held_up(prompt, both)
    takes_a_step(prompt)
    while len(walked) < STEPS:
        takes_a_step(prompt)
    assert walked == list(range(STEPS))


def test_who_fails_late_does_not_fail_it_for_who_goes_on(a_runner, walked, idle_service):
    late, prompt = a_runner(), a_runner()

    def fail(work: Work, job: Any) -> None:
        raise RuntimeError("a bad day")

    late.doors = {"walk": Doing("walk", fail)}
    postpone = late._postpone

    def after_the_other(row: Any, error: Exception) -> None:
        takes_a_step(prompt)
        postpone(row, error)

    late._postpone = after_the_other  # type: ignore[method-assign]
    takes_a_step(late)
    with idle_service.engine.connect() as connection:
        job = connection.exec_driver_sql("SELECT error, due_at <= now() AS due FROM jobs").mappings().one()
    assert dict(job) == {"error": None, "due": True}


def test_a_try_that_was_claimed_and_never_begun_is_not_counted(a_runner, walked, idle_service):
    """Another process claims it from under the late one, and dies before it begins."""
    late, doomed = a_runner(), a_runner()
    seen: list[int] = []

    def look(work: Work, job: Any) -> None:
        seen.append(work.session.execute(sa.select(jobs.c.failures)).scalar_one())
        job.finish()

    held_up(late, lambda: claims(doomed))
    takes_a_step(late)
    late.doors = {"walk": Doing("walk", look)}
    takes_a_step(late)
    assert seen == [2], "the doomed one's, and this"


def test_a_try_is_given_back_when_who_overtook_it_has_died(a_runner, walked, idle_service):
    """The other is at the step, with the job's row locked, when the late one goes on."""
    late, doomed = a_runner(), a_runner()

    def dies(work: Work, job: Any) -> None:
        late._try(claimed)
        assert late._claim() is None, "the other is at it"
        raise SystemExit

    claimed = late._claim()
    doomed.doors = {"walk": Doing("walk", dies)}
    with pytest.raises(SystemExit):
        takes_a_step(doomed)
    assert claims(late).failures == 2, "the doomed one's, and this"


def test_one_process_does_not_claim_twice_what_it_is_at(a_runner, walked):
    late = a_runner()

    try_it = late._try

    def after_a_while(row: Any) -> None:
        time.sleep(LEASE_SECONDS * 2)
        assert late._claim() is None
        try_it(row)

    late._try = after_a_while  # type: ignore[method-assign]
    takes_a_step(late)
    assert walked == [0]

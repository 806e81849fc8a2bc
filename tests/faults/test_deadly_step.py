"""A step of a job that ends its own process: tried a few times, then given up with a reason; the rest goes on."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.running import TRIES
from local.processes import wait_for
from tests.faults.probe.contract import start_walk
from tests.faults.probe.house import ProbeHouse

pytestmark = pytest.mark.requirement("C19", "C27")


def start(probe: ProbeHouse, mark: str, **asked: Any) -> str:
    return probe.ask(start_walk, mark=mark, **asked)["job_id"]


def ended(probe: ProbeHouse, job_id: str, seconds: float = 60) -> dict[str, Any]:
    """The job once it is over, the process being started again each time that it dies."""

    def over() -> bool:
        if not probe.process("probe").alive():
            probe.house.start_one("probe-all")  # without waiting: it may be dead before it is ready
        with probe.database("probe").connect() as connection:
            seen = connection.exec_driver_sql("SELECT state, error FROM jobs WHERE id = %s", (job_id,))
            job.update(seen.mappings().one())
        return job["state"] in ("done", "failed")

    job: dict[str, Any] = {}
    assert wait_for(over, seconds, every=0.1), job
    probe.wait()
    return job


def test_a_step_that_ends_its_process_is_given_up(probe: ProbeHouse, times: int) -> None:
    for n in range(times):
        job = ended(probe, start(probe, f"doomed {n}", steps=5, grave=2))
        assert job["state"] == "failed"
        assert f"begun {TRIES} times" in job["error"]
        walked, kept = probe.diary.counted("walked"), probe.marks()
        assert walked[f"doomed {n} 2"] == TRIES
        assert [kept.get(f"doomed {n} {step}", 0) for step in range(4)] == [1, 1, 0, 0], "what was done is kept"
    after = ended(probe, start(probe, "after it", steps=2))
    assert after["state"] == "done"


def test_a_step_that_survives_in_the_end_is_done_once_and_counted_anew(probe: ProbeHouse, times: int) -> None:
    for n in range(times):
        job = ended(probe, start(probe, f"lucky {n}", steps=3, grave=1, deaths=2))
        assert (job["state"], job["error"]) == ("done", None)
        assert [probe.marks()[f"lucky {n} {step}"] for step in range(3)] == [1, 1, 1]

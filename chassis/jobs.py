"""Long work as it is asked for and looked at; `running` does it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.tables import jobs
from chassis.work import Work
from contracts.errors import Conflict, NotFound
from contracts.language import Request

OVERSEES = "team.manage"
"""Who has this permission reaches everybody's jobs."""


class Job:
    """A job at one of its steps. `input` is what was asked; `checkpoint` and `progress` are kept with the step."""

    def __init__(self, row: Any) -> None:
        self.id: str = str(row.id)
        self.kind: str = row.kind
        self.input: dict[str, Any] = row.input
        self.checkpoint: dict[str, Any] = row.checkpoint
        self.progress: dict[str, Any] = row.progress
        self.result: dict[str, Any] | None = None
        self.error: str | None = None
        self.state = "running"

    def finish(self, **result: Any) -> None:
        """Say that this was the last step."""
        self.state, self.result = "done", result

    def fail(self, reason: str) -> None:
        """Say that it cannot be done, and why; what earlier steps did stays."""
        self.state, self.error = "failed", reason


def get_job(work: Work, request: Request) -> Any:
    """Give a job as it stands."""
    return _reached(work, request.job_id, sa.select(jobs))


def cancel_job(work: Work, request: Request) -> Any:
    """Stop a job after the step at hand; cancelling twice is harmless."""
    row = _reached(work, request.job_id, sa.select(jobs).with_for_update())
    if row["state"] in ("done", "failed"):
        raise Conflict(f"The job is {row['state']} already.")
    cancelled = sa.update(jobs).where(jobs.c.id == row["id"]).values(state="cancelled", updated_at=work.now)
    return work.session.execute(cancelled.returning(jobs)).mappings().one()


def begin_again(work: Work, kind: str) -> None:
    """Queue those of a kind anew that gave up, as they stand: what they needed may be back."""
    gave_up = (jobs.c.kind == kind) & (jobs.c.state == "failed")
    anew = {"state": "queued", "failures": 0, "due_at": sa.func.clock_timestamp(), "updated_at": work.now}
    work.session.execute(sa.update(jobs).where(gave_up).values(anew))
    work.wake()


def _reached(work: Work, job_id: str, asked: sa.Select[Any]) -> Any:
    """The job, to whom started it and to who runs the place; for anybody else there is none."""
    asked = asked.where(jobs.c.id == job_id)
    if not work.actor.may(OVERSEES):
        asked = asked.where(jobs.c.actor["id"].astext == work.actor.id)
    row = work.session.execute(asked).mappings().first()
    if row is None:
        raise NotFound("There is no such job.")
    return row

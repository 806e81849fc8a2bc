"""Doing the steps of jobs, a step at a time, in whichever process comes first.

A step, its checkpoint and its progress are committed together with the job's row locked: a killed process loses the
step at hand and nothing else, and the next process goes on from the checkpoint. Each try of a step is counted before
it is made, so that a step that ends its own process is not repeated for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from eventlet.semaphore import Semaphore
from nameko.extensions import Entrypoint, SharedExtension

from chassis import metrics, telemetry, tracing
from chassis.actor import Actor
from chassis.bell import JOBS
from chassis.causes import Cause
from chassis.database import is_gone
from chassis.jobs import Job
from chassis.tables import jobs
from chassis.work import Work

if TYPE_CHECKING:
    from chassis.service import Runtime

RUNNERS = 2
LOOK_SECONDS = 1.0
RETRY_SECONDS = (1, 5, 30, 120)
TRIES = len(RETRY_SECONDS) + 1
"""So often is one step tried, from one checkpoint."""
LEASE_SECONDS = 0.5
"""A claimed job is left alone for about so long, twice as long at each try; then the lock on its row says whether
somebody is at it. No two wait alike, so that a job does not die each time of the one beside it."""
OPEN = jobs.c.state.in_(("queued", "running"))
log = telemetry.logger(__name__)


class Runners(SharedExtension):
    """A few green threads that take the oldest open job each, do one step, and look again."""

    def __init__(self) -> None:
        self.doors: dict[str, Doing] = {}
        self._threads: list[Any] = []
        self._stopping = False
        self._claiming = Semaphore()
        self._in_hand: set[Any] = set()
        self._not_begun: dict[Any, Any] = {}
        """Jobs whose try was counted and never made, and when a step of theirs had last ended."""

    def start(self) -> None:
        """Begin to look for jobs, when this process plays the role."""
        self._runtime: Runtime = self.container.config["runtime"]
        if "jobs" in self._runtime.roles and self.doors:
            spawn = self.container.spawn_managed_thread
            self._threads = [spawn(self._run, identifier="jobs") for _ in range(RUNNERS)]

    def finish(self) -> None:
        """Return when the steps at hand are done."""
        self._stopping = True
        if self._threads:
            self._runtime.ear.wake_all()
        for thread in self._threads:
            thread.wait()

    def _run(self) -> None:
        while not self._stopping:
            try:
                found = self._step()
            except Exception:
                log.exception("jobs not looked for")
                found = False
            if not found:
                self._runtime.ear.wait(LOOK_SECONDS, JOBS)
            self._runtime.breathe()

    def _step(self) -> bool:
        """Do one step of one job; False when there is none to do."""
        telemetry.begin()
        with self._claiming:
            row = self._claim()
            if row is None:
                return False
            self._in_hand.add(row.id)
        try:
            self._try(row)
        finally:
            self._in_hand.discard(row.id)
        return True

    def _try(self, row: Any) -> None:
        """Do the step that was claimed, unless another came while we were held up."""
        telemetry.begin(job=str(row.id), kind=row.kind)
        try:
            with Work(self._runtime) as work:
                held = work.session.execute(_open(row.id).with_for_update(skip_locked=True)).first()
                if held is None or held.due_at != row.due_at:  # cancelled or claimed by another just now
                    self._not_begun[row.id] = row.updated_at
                    return
                work.follow(Cause(row.request_id, row.traceparent, _actor_of(row)))
                if held.failures > TRIES:
                    _give_up(work, row)
                    return
                job = Job(held)  # as it stands: the claim may be older than another's step
                self._do(work, job, row.traceparent)
                _keep(work, job)
        except Exception as error:
            if is_gone(error):
                self._not_begun[row.id] = row.updated_at
                raise
            log.warning("job step failed", exc_info=error)
            metrics.of(metrics.STEPS, self._runtime.service, row.kind, "failed").inc()
            self._postpone(row, error)
        else:
            metrics.of(metrics.STEPS, self._runtime.service, row.kind, "ok").inc()
            (log.debug if job.state == "running" else log.info)("job step done", state=job.state)

    def _do(self, work: Work, job: Job, traceparent: str | None) -> None:
        with (
            tracing.traces.working(f"job {job.kind}", traceparent),
            metrics.of(metrics.STEP, self._runtime.service, job.kind).time(),
        ):
            self.doors[job.kind].do(work, job, self._runtime)

    def _claim(self) -> Any:
        """Take the oldest open job that nobody is at, and count the try; its new `due_at` is the claim's mark."""
        due = OPEN & (jobs.c.due_at <= sa.func.now()) & jobs.c.kind.in_(sorted(self.doors))
        due &= jobs.c.id.not_in(self._in_hand)
        oldest = sa.select(jobs.c.id).where(due).order_by(jobs.c.due_at).limit(1).with_for_update(skip_locked=True)
        claimed = sa.update(jobs).where(jobs.c.id == oldest.scalar_subquery()).returning(jobs)
        with Work(self._runtime) as work:
            self._give_back(work)
            lease = LEASE_SECONDS * sa.func.power(2, jobs.c.failures) * (0.5 + sa.func.random())
            values = {"state": "running", "failures": jobs.c.failures + 1, "due_at": _in_seconds(lease)}
            return work.session.execute(claimed.values(values)).first()

    def _give_back(self, work: Work) -> None:
        """Take back the tries that were counted and never begun; a job that another is at has to wait for that."""
        if not self._not_begun:
            return
        reached = sa.select(jobs.c.id).where(jobs.c.id.in_(self._not_begun)).with_for_update(skip_locked=True)
        theirs = {job_id: self._not_begun[job_id] for job_id in work.session.execute(reached).scalars()}
        same = sa.tuple_(jobs.c.id, jobs.c.updated_at).in_(theirs.items()) & (
            jobs.c.failures > 0
        )  # no step ended since
        work.session.execute(sa.update(jobs).where(same).values(failures=jobs.c.failures - 1))
        work.then(lambda: self._forget(theirs))

    def _forget(self, given_back: dict[Any, Any]) -> None:
        for job_id, at in given_back.items():
            if self._not_begun.get(job_id) == at:
                del self._not_begun[job_id]

    def _postpone(self, row: Any, error: Exception) -> None:
        """Try the step again later, and give up after the last delay."""
        with Work(self._runtime) as work:
            last = row.failures >= TRIES
            values: dict[str, Any] = {
                "error": telemetry.described(error),
                "due_at": _in_seconds(0 if last else RETRY_SECONDS[row.failures - 1]),
                "updated_at": work.now,
            }
            if last:
                values["state"] = "failed"
            ours = OPEN & (jobs.c.due_at == row.due_at)  # who came meanwhile judges for themselves
            work.session.execute(sa.update(jobs).where(jobs.c.id == row.id, ours).values(values))


class Doing(Entrypoint):
    """The door of one kind of job."""

    runners = Runners()

    def __init__(self, kind: str, step: Callable[..., Any], asks: Callable[..., Any] | None = None) -> None:
        super().__init__()
        self.kind, self.step, self.asks = kind, step, asks

    def do(self, work: Work, job: Job, runtime: Runtime) -> None:
        """Do one step; what it asks others is asked before, while nothing but the job's own row is held."""
        if self.asks is None:
            self.step(work, job)
            return
        with Work(runtime, reading=True) as asking:
            asking.follow(work.cause)
            told = self.asks(asking, job)
        self.step(work, job, told)

    def setup(self) -> None:
        """Join the runners of the process."""
        self.runners.doors[self.kind] = self

    def stop(self) -> None:
        """Finish the steps at hand."""
        self.runners.finish()


def _actor_of(row: Any) -> Actor:
    who = row.actor
    return Actor(who["id"], who["role"], who["name"], scopes=frozenset(who.get("scopes", ())))


def _open(job_id: str) -> sa.Select[Any]:
    return sa.select(jobs).where(jobs.c.id == job_id, OPEN)


def _in_seconds(seconds: float | sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.func.clock_timestamp() + sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)


def _give_up(work: Work, row: Any) -> None:
    """Fail a job whose step never came to an end, neither well nor badly."""
    log.error("job given up", tries=TRIES)
    metrics.of(metrics.STEPS, work.service, row.kind, "given_up").inc()
    reason = f"The same step was begun {TRIES} times and never ended: each time its process did. What was done is kept."
    values = {"state": "failed", "error": reason, "failures": TRIES, "updated_at": work.now}
    work.session.execute(sa.update(jobs).where(jobs.c.id == row.id, OPEN).values(values))


def _keep(work: Work, job: Job) -> None:
    """Write what the step made of the job; a running one goes to the end of the line."""
    values: dict[str, Any] = {
        "state": job.state,
        "checkpoint": job.checkpoint,
        "progress": job.progress,
        "result": job.result,
        "error": job.error,
        "failures": 0,
        "due_at": sa.func.clock_timestamp(),
        "updated_at": work.now,
    }
    if values["result"] is None:
        values["result"] = sa.null()
    work.session.flush()
    work.session.execute(sa.update(jobs).where(jobs.c.id == job.id).values(values))

"""One service's database without its processes: a test does the work itself, at whatever time it says."""

from __future__ import annotations

import datetime as dt
import itertools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from chassis import tables
from chassis.actor import Actor
from chassis.config import Settings
from chassis.jobs import Job
from chassis.service import Runtime
from chassis.told import Told
from chassis.work import Work
from contracts.language import Event, Rpc
from tests.house.keeper import Servers
from tests.house.living import clone_databases, drop_databases

_numbers = itertools.count(1)


class Clockwork:
    """Works of one service on a migrated database of its own; `now` is what they take the time for."""

    def __init__(self, servers: Servers, name: str, service: str, now: dt.datetime) -> None:
        settings = Settings(
            amqp_uri=servers.amqp_uri, database_url=servers.database(name), secret=servers.secret, storage="",
            public_url="", health_port=0, health_host="", log_level="INFO", workers=2, retry_delays=(1.0,),
        )  # fmt: skip
        self.now = now
        self.runtime = Runtime(service, settings)
        self.runtime.clock = lambda: self.now
        self.actor = Actor("00000000-0000-7000-8000-000000000001", "owner", "Olive Owner")
        self.request_id: str | None = None
        self._heard = 0

    def work(self) -> Work:
        """A transaction, as a door opens it."""
        return Work(self.runtime, actor=self.actor, request_id=self.request_id)

    def reading(self) -> Work:
        """A read, as a door opens it."""
        return Work(self.runtime, actor=self.actor, reading=True)

    def ask(self, service: type, rpc: Rpc, **request: Any) -> Any:
        """Come in by a door of the service, as the owner, and without a wire."""
        [door] = getattr(service, rpc.name).nameko_entrypoints
        with self.work() if rpc.writes else self.reading() as work:
            return rpc.gives().dump(door.action(work, rpc.takes().load(request)))

    def told(self, *events: Event) -> list[Told]:
        """What was told of these kinds since the last time that this was asked, in order, as a listener gets it."""
        known = {event.type: event for event in events}
        seq = tables.events.c.seq
        with self.reading() as work:
            rows = work.session.execute(sa.select(tables.events).where(seq > self._heard).order_by(seq)).all()
        self._heard = rows[-1].seq if rows else self._heard
        return [
            Told(
                row.id, row.type, f"/rapport/{self.runtime.service}", row.subject, row.time, row.seq,
                known[row.type].load(row.data), row.actor, row.request_id, row.data,
            )
            for row in rows
            if row.type in known
        ]  # fmt: skip

    def step(self, doors: Mapping[str, Callable[[Work, Job], Any]]) -> bool:
        """Do one step of the oldest open job of these kinds; False when there is none."""
        jobs = tables.jobs
        open_ = jobs.c.state.in_(("queued", "running")) & jobs.c.kind.in_(doors)
        with self.work() as work:
            row = work.session.execute(sa.select(jobs).where(open_).order_by(jobs.c.id).limit(1)).first()
            if row is None:
                return False
            job = Job(row)
            doors[job.kind](work, job)
            kept = {"state": job.state, "checkpoint": job.checkpoint, "progress": job.progress}
            work.session.execute(sa.update(jobs).where(jobs.c.id == job.id).values(kept))
        return True

    def hears(self, reaction: Callable[[Work, Sequence[Told]], Any], batch: Sequence[Told]) -> None:
        """React to these in one transaction, as a listener's."""
        if batch:
            with self.work() as work:
                work.because_of(batch)
                reaction(work, batch)


@contextmanager
def a_clockwork(servers: Servers, service: str = "contacts", *, now: dt.datetime) -> Iterator[Clockwork]:
    """Clone the service's migrated database, and forget it afterwards."""
    name = f"bare{os.getpid()}_{next(_numbers)}"
    clone_databases(servers, name, [service])
    clockwork = Clockwork(servers, name, service, now)
    try:
        yield clockwork
    finally:
        clockwork.runtime.engine.dispose()
        drop_databases(servers, name, [service])

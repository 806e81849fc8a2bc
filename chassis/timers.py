"""What happens as time passes: in one process of all, on the monotonic clock, never several runs to catch up."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from chassis import telemetry
from chassis.looping import Looping
from chassis.tables import timers
from chassis.work import Work

if TYPE_CHECKING:
    from chassis.service import Runtime

log = telemetry.logger(__name__)


def run_if_due(runtime: Runtime, name: str, seconds: float, action: Callable[..., Any]) -> bool:
    """Run the action unless another process did so within the interval or is at it; True when it ran here."""
    with Work(runtime, actor=runtime.doorman.recognise(runtime.token())) as work:
        session = work.session
        mine = sa.func.pg_try_advisory_xact_lock(sa.func.hashtextextended(f"timer {name}", 0))
        if not session.scalar(sa.select(mine)):
            return False
        # A tenth early is in time: two clocks never tick alike, and a skipped run would come a whole interval late.
        since = sa.func.now() - sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds * 0.9)
        row = {"name": name, "last_run": sa.func.now()}
        due = (timers.c.last_run <= since) | (timers.c.last_run > sa.func.now())
        note = insert(timers).values(row).on_conflict_do_update(index_elements=["name"], set_=row, where=due)
        if session.execute(note.returning(timers.c.name)).first() is None:
            return False
        action(work)
        return True


class Ticking(Looping):
    """One timer, in processes of the role `events`."""

    role = "events"

    def __init__(self, seconds: float, action: Callable[..., Any]) -> None:
        super().__init__()
        self.seconds, self.action = seconds, action

    def setup(self) -> None:
        """Say how often it runs."""
        self.container.config["runtime"].timers[self.method_name] = self.seconds

    def _run(self) -> None:
        due = time.monotonic()
        while not self._stopping:
            left = due - time.monotonic()
            if left > 0:
                self._runtime.ear.wait(min(left, 1.0))
                continue
            due = time.monotonic() + self.seconds
            telemetry.begin(timer=self.method_name)
            try:
                run_if_due(self._runtime, self.method_name, self.seconds, self.action)
            except Exception:
                log.exception("timer failed")

"""Effects outside of our databases: claimed in one transaction, performed outside of any, settled in another.

What a crash between performing and settling leaves behind is for the room to judge: it sees its own claimed rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from eventlet import GreenPool, sleep

from chassis import metrics, telemetry, tracing
from chassis.bell import JOBS
from chassis.causes import Cause, itself, kept_cause
from chassis.database import TROUBLE, is_worth_repeating
from chassis.looping import Looping
from chassis.work import Work

AT_ONCE = 8
LOOK_SECONDS = 1.0
log = telemetry.logger(__name__)


class Running(Looping):
    """Runs the errands of one room in processes of the role `jobs`."""

    role = "jobs"

    def __init__(self, claim: Callable[..., Any], perform: Callable[..., Any], settle: Callable[..., Any]) -> None:
        super().__init__()
        self.claim, self.perform, self.settle = claim, perform, settle

    def _run(self) -> None:
        pool = GreenPool(AT_ONCE)
        while not self._stopping:
            telemetry.begin(door=self.method_name)
            try:
                with self._work() as work:
                    items = self.claim(work)
            except Exception:
                log.exception("errands not claimed")
                items = None
            for item in items or ():
                pool.spawn_n(self._do, item)
            pool.waitall()
            if not items:
                self._runtime.ear.wait(LOOK_SECONDS, JOBS)

    def _do(self, item: dict[str, Any]) -> None:
        """Perform and settle it, under the request that it comes of, where its row has kept that as `cause`."""
        cause = kept_cause(item.get("cause"), self._runtime.service)
        telemetry.begin(request_id=cause.request_id, door=self.method_name)
        with tracing.traces.working(f"errand {self.method_name}", cause.traceparent):
            outcome, failure, began = None, None, time.perf_counter()
            try:
                outcome = self.perform(item)
            except Exception as error:
                log.info("errand failed", error=telemetry.described(error))
                failure = error
            took, came_of_it = time.perf_counter() - began, "failed" if failure else "ok"
            if not self._settle(item, cause, outcome, failure):
                came_of_it = "unsettled"
            tracing.traces.outcome(came_of_it, failed=came_of_it != "ok")
        metrics.of(metrics.ERRANDS, self._runtime.service, self.method_name, came_of_it).observe(took)
        log.info("errand done", outcome=came_of_it, ms=round(took * 1000, 1))

    def _settle(self, item: dict[str, Any], cause: Cause, outcome: Any, failure: Exception | None) -> bool:
        while True:
            try:
                with self._work() as work:
                    work.follow(cause)
                    self.settle(work, item, outcome, failure)
                return True
            except Exception as error:
                if isinstance(error, TROUBLE) and is_worth_repeating(error) and not self._stopping:
                    sleep(0.5)
                    continue
                log.exception("errand not settled")
                return False

    def _work(self) -> Work:
        return Work(self._runtime, actor=itself(self._runtime.service))

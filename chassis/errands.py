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
            try:
                with self._work() as work:
                    items = self.claim(work)
            except Exception:
                log.exception("errands not claimed", door=self.method_name)
                items = None
            for item in items or ():
                pool.spawn_n(self._do, item)
            pool.waitall()
            if not items:
                self._runtime.ear.wait(LOOK_SECONDS, JOBS)

    def _do(self, item: dict[str, Any]) -> None:
        outcome, failure, began = None, None, time.perf_counter()
        try:
            with tracing.traces.working(f"errand {self.method_name}", None):
                outcome = self.perform(item)
        except Exception as error:
            log.info("errand failed", door=self.method_name, error=telemetry.described(error))
            failure = error
        took, came_of_it = time.perf_counter() - began, "failed" if failure else "ok"
        settled = self._settle(item, outcome, failure)
        metrics.of(
            metrics.ERRANDS, self._runtime.service, self.method_name, came_of_it if settled else "unsettled"
        ).observe(took)

    def _settle(self, item: dict[str, Any], outcome: Any, failure: Exception | None) -> bool:
        while True:
            try:
                with self._work() as work:
                    self.settle(work, item, outcome, failure)
                return True
            except Exception as error:
                if isinstance(error, TROUBLE) and is_worth_repeating(error) and not self._stopping:
                    sleep(0.5)
                    continue
                log.exception("errand not settled", door=self.method_name)
                return False

    def _work(self) -> Work:
        return Work(self._runtime, actor=self._runtime.doorman.recognise(self._runtime.token()))

"""Effects outside of our databases: claimed in one transaction, performed outside of any, settled in another.

What a crash between performing and settling leaves behind is for the room to judge: it sees its own claimed rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eventlet import GreenPool, sleep

from chassis import telemetry
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
        outcome, failure = None, None
        try:
            outcome = self.perform(item)
        except Exception as error:
            log.info("errand failed", door=self.method_name, error=telemetry.described(error))
            failure = error
        while True:
            try:
                with self._work() as work:
                    self.settle(work, item, outcome, failure)
                return
            except TROUBLE as error:
                if not is_worth_repeating(error) or self._stopping:
                    log.exception("errand not settled", door=self.method_name)
                    return
                sleep(0.5)
            except Exception:
                log.exception("errand not settled", door=self.method_name)
                return

    def _work(self) -> Work:
        return Work(self._runtime, actor=self._runtime.doorman.recognise(self._runtime.token()))

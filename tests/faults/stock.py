"""A service of stock nameko, as its documentation shows it, run as nameko runs it: `python -m tests.faults.stock`."""

import eventlet

eventlet.monkey_patch()

import os  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402

from nameko.events import event_handler  # noqa: E402
from nameko.runners import ServiceRunner  # noqa: E402

from tests.faults.probe.diary import note  # noqa: E402


class Stock:
    """Hears of everything, and has no RpcProxy."""

    name = "stock"

    @event_handler("source", "slow")
    def dawdle(self, payload: dict) -> None:
        note("dawdle", payload["mark"])
        time.sleep(payload["pause"])
        note("dawdled", payload["mark"])

    @event_handler("source", "plain")
    def look(self, payload: dict) -> None:
        note("look", f"{payload['mark']} {type(payload.get('text')).__name__}")

    @event_handler("source", "failing")
    def fail(self, payload: dict) -> None:
        note("fail", payload["mark"])
        raise RuntimeError("on purpose")

    @event_handler("source", "spinning", requeue_on_error=True)
    def spin(self, payload: dict) -> None:
        note("spin", payload["mark"])
        raise RuntimeError("on purpose")


if __name__ == "__main__":
    runner = ServiceRunner({"AMQP_URI": os.environ["RAPPORT_AMQP_URI"]})
    runner.add_service(Stock)
    signal.signal(signal.SIGTERM, lambda *_: eventlet.spawn_n(runner.stop))
    runner.start()
    note("ready", "ready")
    runner.wait()
    sys.exit(0)

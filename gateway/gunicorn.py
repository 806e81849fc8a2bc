"""How gunicorn serves the gateway: few processes, many greenlets, so that a long poll costs next to nothing."""

from gevent import monkey

monkey.patch_all()  # before anything else is imported: sockets, locks and clocks become green

import os  # noqa: E402
import shutil  # noqa: E402
import tempfile  # noqa: E402
from typing import Any  # noqa: E402

bind = os.environ.get("RAPPORT_BIND", "127.0.0.1:8080")
workers = int(os.environ.get("RAPPORT_GATEWAY_WORKERS", "2"))
worker_class = "gevent"
worker_connections = 1000
limit_request_line = 8190  # the most that gunicorn allows; beyond it answers 414 itself
timeout = 40  # longer than the longest poll
graceful_timeout = 20
keepalive = 75
preload_app = False  # connections and tokens are each worker's own, made after the fork
accesslog = None  # gateway/access_log.py writes it
errorlog = "-"
loglevel = "warning"

# Both workers' figures together: prometheus_client keeps them in files of one folder.
figures = None
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    figures = os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="rapport-metrics-")


def on_starting(server: Any) -> None:
    """Import once what all workers run, before they are forked; none of it connects to anything."""
    import gateway.web  # noqa: F401


def post_worker_init(worker: Any) -> None:
    import gevent
    from gunicorn import util

    from chassis import garbage, metrics
    from gateway.unreadable import refuse_unreadable

    util.write_error = refuse_unreadable
    worker.wsgi.extensions["worker"] = worker  # long polls look there whether it is leaving
    worker.wsgi.extensions["notices"].start()
    gevent.spawn(metrics.watch_lag, "gateway", gevent.sleep)
    garbage.look_seldom()


def worker_exit(server: Any, worker: Any) -> None:
    from chassis import tracing

    tracing.traces.stop()


def on_exit(server: Any) -> None:
    if figures:
        shutil.rmtree(figures, ignore_errors=True)


def child_exit(server: Any, worker: Any) -> None:
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)

"""What is counted and timed, by Prometheus' conventions: `rapport_<thing>_<unit>`, and counters end in `_total`.

Labels are few and known beforehand: services, methods, listeners, kinds, outcomes; never an id. What is told of a whole
service, and not of one process, says so below: each of its processes tells the same, so it is added up by `max`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from typing import Any

from prometheus_client import Counter, Gauge, Histogram

QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
LONG = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1800)
BEAT_SECONDS = 0.25

RPCS = Histogram(
    "rapport_rpc_seconds", "Time to answer an RPC, in seconds.", ["service", "method", "outcome"], buckets=QUICK
)
ASKED = Histogram(
    "rapport_rpc_asked_seconds",
    "Time until another service answered or was given up: ok, refused, timeout, unavailable, or shut (not asked).",
    ["service", "asked", "outcome"],
    buckets=QUICK,
)
WORKERS = Gauge("rapport_rpc_workers", "RPCs that this process answers at once.", ["service"])
BUSY = Gauge("rapport_rpc_workers_busy", "RPCs that this process is at.", ["service"])

APPLIED = Counter("rapport_events_applied", "Events applied.", ["service", "listener"])
FAILED = Counter(
    "rapport_events_failed", "Events whose listener failed: retried or parked.", ["service", "listener", "then"]
)
APPLYING = Histogram(
    "rapport_events_batch_seconds",
    "Time of one transaction that applies events.",
    ["service", "listener"],
    buckets=QUICK,
)
AGE = Histogram(
    "rapport_event_age_seconds",
    "From an event's recording to its being applied.",
    ["service", "listener"],
    buckets=LONG,
)
PUBLISHED = Counter("rapport_events_published", "Events handed to the broker.", ["service"])
LEADING = Gauge("rapport_relay_leading", "1 in the one process of a service that publishes its events.", ["service"])

STEPS = Counter("rapport_job_steps", "Steps of jobs: ok, failed or given_up.", ["service", "kind", "outcome"])
STEP = Histogram("rapport_job_step_seconds", "Time of one step of a job.", ["service", "kind"], buckets=LONG)
ERRANDS = Histogram(
    "rapport_errand_seconds",
    "Time of one effect outside: a letter, a charge, a file. ok, failed, or unsettled.",
    ["service", "door", "outcome"],
    buckets=LONG,
)

POOL_WAIT = Histogram(
    "rapport_database_pool_wait_seconds",
    "Time to get a connection to the database, opening one included.",
    ["service"],
    buckets=QUICK,
)
POOL = Gauge("rapport_database_pool_connections", "Connections of this process: in_use or idle.", ["service", "state"])
POOL_MOST = Gauge("rapport_database_pool_max_connections", "Connections that this process may have.", ["service"])
CONNECTED = Gauge("rapport_broker_connected", "1 while consuming from the broker.", ["service", "role"])
DATABASE_UP = Gauge("rapport_database_up", "1 when the database answered this process.", ["service"])
HUB_LAG = Histogram(
    "rapport_hub_lag_seconds",
    "How late a green thread wakes: what computes holds up everybody.",
    ["service"],
    buckets=QUICK,
)

# Of a whole service: each process that is asked tells the same.
OUTBOX = Gauge("rapport_outbox_events", "Events committed and not yet confirmed by the broker.", ["service"])
OUTBOX_AGE = Gauge(
    "rapport_outbox_oldest_seconds", "Age of the oldest of those events; 0 when there is none.", ["service"]
)
JOBS = Gauge("rapport_jobs_due", "Jobs whose next step is due, those at a step for long included.", ["service"])
JOBS_AGE = Gauge("rapport_jobs_oldest_due_seconds", "How long the oldest of those jobs has been due.", ["service"])
TIMER = Gauge("rapport_timer_last_run_timestamp_seconds", "When a timer last ran anywhere.", ["service", "timer"])
TIMER_EVERY = Gauge("rapport_timer_interval_seconds", "How often it should.", ["service", "timer"])
QUEUED = Gauge("rapport_queue_messages", "Messages that wait in a queue of the service.", ["service", "queue"])
PARKED = Gauge("rapport_parked_messages", "Events that no retry could help, kept for a person.", ["service"])

OF_THE_DATABASE = (OUTBOX, OUTBOX_AGE, JOBS, JOBS_AGE, TIMER)
OF_THE_BROKER = (QUEUED, PARKED)


@cache
def of(metric: Any, *labels: str) -> Any:
    """The metric with these labels, bound once: `labels()` takes as long as counting does."""
    return metric.labels(*labels)


def watch_lag(service: str, sleep: Callable[[float], None]) -> None:
    """Measure again and again how late one wakes; the body of a green thread."""
    lag = HUB_LAG.labels(service)
    while True:
        due = time.monotonic() + BEAT_SECONDS
        sleep(BEAT_SECONDS)
        lag.observe(max(0.0, time.monotonic() - due))

"""Whether the gateway lives, whether it can serve, and its figures."""

from __future__ import annotations

import operator
import os
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from flask import Flask, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    ProcessCollector,
    generate_latest,
    multiprocess,
)
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from contracts.errors import Unavailable
from gateway.asking import calls
from gateway.saying import json_response


def healthz() -> Response:
    """The process answers."""
    return json_response({"status": "alive"})


def readyz() -> Response:
    """The broker can be reached; which services stand behind it is theirs to say."""
    if not calls().reachable():
        raise Unavailable("The message broker cannot be reached.", retry_after=2)
    return json_response({"status": "ready"})


def metrics() -> Response:
    """The figures of all workers together, whichever of them is asked."""
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
        registry.register(AllProcesses())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class AllProcesses(Collector):
    """Memory, CPU time and files of gunicorn and its workers together, by the names that a single process has."""

    def collect(self) -> Iterable[Metric]:
        """Add up what each of them has; the oldest says when it began."""
        total: dict[str, Metric] = {}
        for pid in _gunicorn():
            for figure in ProcessCollector(pid=partial(int, pid), registry=None).collect():
                known = total.setdefault(figure.name, figure)
                if known is figure:
                    continue
                (before,), (own,) = known.samples, figure.samples
                add = min if figure.name.endswith("start_time_seconds") else operator.add
                known.samples = [before._replace(value=add(before.value, own.value))]
        return total.values()


def _gunicorn() -> Iterator[int]:
    """The process that keeps the workers, and those of them who live, by the files that they keep their gauges in."""
    yield os.getppid()
    for path in Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).glob("gauge_livesum_*.db"):
        yield int(path.stem.rpartition("_")[2])


def install(app: Flask) -> None:
    for view in (healthz, readyz, metrics):
        app.add_url_rule(f"/{view.__name__}", view.__name__, view)

"""Whether the gateway lives, whether it can serve, and its figures."""

from __future__ import annotations

import os

from flask import Flask, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, multiprocess

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
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def install(app: Flask) -> None:
    for view in (healthz, readyz, metrics):
        app.add_url_rule(f"/{view.__name__}", view.__name__, view)

"""The one view that answers every row of the tables."""

from __future__ import annotations

from flask import Response, current_app

from chassis.wire import loads
from gateway import identity
from gateway.asked import asked_by, refuse_unreadable
from gateway.asking import ask_written
from gateway.routes.table import Route
from gateway.saying import said


def answer(route: Route, path: dict[str, str]) -> Response:
    """Check who asks, ask the service, and say its answer; a row with a view of its own is checked here as well."""
    actor = identity.admit(route.rpc.needs)
    current_app.extensions["limits"].must_not_flood(actor, route)
    refuse_unreadable(path)
    if route.view:
        return route.view(route, path)
    written = ask_written(route, asked_by(route, path))
    given = {} if route.is_passed_on else loads(written)
    return said(route, given, path, written)

"""Asking the services on behalf of whoever stands at the door."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import current_app, g

from chassis.calls import Calls, Context
from contracts.errors import Problem
from contracts.language import Rpc
from gateway.asked import expected_version, idempotency_key
from gateway.identity import services_token
from gateway.routes.table import Route


def calls() -> Calls:
    return current_app.extensions["calls"]


def ask(rpc: Rpc, members: dict[str, Any], **with_it: Any) -> dict[str, Any]:
    return calls().ask(rpc, members, _context(**with_it))


def ask_all(questions: Sequence[tuple[Rpc, dict[str, Any]]], *, seconds: float) -> list[dict[str, Any] | Problem]:
    """Ask all at once; after so many seconds the silent ones are given up, each with its Problem in the list."""
    return calls().ask_all(questions, _context(deadline=seconds))


def ask_for(route: Route, members: dict[str, Any]) -> dict[str, Any]:
    """Ask the row's own question, with the key and the version that came beside it."""
    return ask(route.rpc, members, **beside(route))


def ask_written(route: Route, members: dict[str, Any]) -> str:
    """Ask the row's own question, for an answer that is passed on unread."""
    return calls().ask_written(route.rpc, members, _context(**beside(route)))


def beside(route: Route) -> dict[str, Any]:
    """What the headers of a write say, as far as its contract can heed it."""
    key = idempotency_key(route) if route.takes_key else None
    return {"key": key, "expected_version": expected_version() if route.heeds_version else None}


def _context(**with_it: Any) -> Context:
    return Context(token=services_token(), request_id=g.request_id, traceparent=g.traceparent, **with_it)

"""Reading the history of a thing that is managed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from chassis.pages import keys_for, page_of
from contracts.contacts.histories import MANAGED
from contracts.language import Rpc
from services.contacts.timeline.model import TimelineEntry
from services.contacts.timeline.rules import SINGLE_ID

_entries: Any = TimelineEntry.__table__


def history_of(thing: str, read: Callable[[Any, Any], Any]) -> Callable[[Any, Any], dict[str, Any]]:
    """Answer the history of things of a kind; one that nothing is told of has to be there, by `read(work, request)`."""

    def history(work: Any, request: Any) -> dict[str, Any]:
        page = _page(work, thing, request[MANAGED[thing]], request)
        if not page["items"]:
            read(work, request)
        return page

    return history


def history_beyond(thing: str, rpc: Rpc) -> Callable[[Any, Any], dict[str, Any]]:
    """The same for what another service has: whether it is there, that service says."""
    named = MANAGED[thing]
    return history_of(thing, lambda work, request: work.ask(rpc, **{named: request[named]}))


def history_of_the(thing: str) -> Callable[[Any, Any], dict[str, Any]]:
    """Answer the history of what there is only one of."""
    return lambda work, request: _page(work, thing, SINGLE_ID, request)


def _page(work: Any, thing: str, thing_id: str, request: Any) -> dict[str, Any]:
    """Of things of this kind alone: the id may be a contact's, or of what the reader may not see."""
    of_kind = _entries.c.type.startswith(f"{thing}.", autoescape=True)
    told = sa.select(_entries).where(_entries.c.contact_id == thing_id, of_kind)
    if thing in MANAGED:
        told = told.where(_entries.c.data[MANAGED[thing]].astext == thing_id)
    if request.since is not None:
        told = told.where(_entries.c.happened_at >= request.since)
    if request.until is not None:
        told = told.where(_entries.c.happened_at < request.until)
    page = page_of(work, told, keys_for(request.sort, oldest=[_entries.c.happened_at, _entries.c.event_id]), request)
    return {**page, "items": [_shown(entry) for entry in page["items"]]}


def _shown(entry: Any) -> dict[str, Any]:
    return {
        "id": entry.event_id,
        "type": entry.type,
        "happened_at": entry.happened_at,
        "actor": entry.actor,
        "changes": entry.data.get("changes") or {},
        "data": entry.data,
    }

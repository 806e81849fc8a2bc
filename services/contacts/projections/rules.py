"""One form for an event that is heard and one that is read from a log, so that both leave the same behind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, NamedTuple

from contracts.catalogue import all_events
from contracts.language import Schema

_KNOWN: dict[tuple[str, str], Schema] = {(event.service, event.type): event.data() for event in all_events()}


class Happened(NamedTuple):
    """An event with its data as plain JSON; `source` is the service, `sequence` its place in that service's log."""

    id: str
    type: str
    source: str
    subject: str | None
    time: dt.datetime
    sequence: int
    data: dict[str, Any]
    actor: dict[str, Any] | None
    request_id: str | None = None
    traceparent: str | None = None


def as_heard(event: Any) -> Happened:
    """An event as a listener gets it."""
    source = event.source.rpartition("/")[2]
    data = _known(_KNOWN[source, event.type], event.plain)
    return Happened(
        event.id, event.type, source, event.subject, event.time, event.sequence, data, event.actor, event.request_id,
        event.traceparent,
    )  # fmt: skip


def as_logged(source: str, row: Mapping[str, Any]) -> Happened | None:
    """An event as it stands in the log of a service; None for a kind that nobody here knows."""
    schema = _KNOWN.get((source, row["type"]))
    if schema is None:
        return None
    data = _known(schema, row["data"])
    time = dt.datetime.fromisoformat(row["time"])
    return Happened(row["id"], row["type"], source, row["subject"], time, row["position"], data, row["actor"])


def _known(schema: Schema, data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name in schema.fields}

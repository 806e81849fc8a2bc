"""The event log of the service: what the relay has numbered, in order, from any position."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.tables import events, relay
from chassis.work import Work
from contracts.errors import Gone
from contracts.language import Request

_COLUMNS = [events.c[name] for name in ("id", "position", "type", "subject", "time", "data", "actor", "request_id")]


def read_events(work: Work, request: Request) -> dict[str, Any]:
    """Give the events after a position, and the newest position there is; Gone when some are no longer kept."""
    newest = work.session.scalar(sa.select(relay.c.assigned)) or 0  # before the events: up to there we see all
    asked = sa.select(*_COLUMNS).where(events.c.position > request.after).order_by(events.c.position)
    items = work.session.execute(asked.limit(request.limit)).mappings().all()
    first = items[0]["position"] if items else newest + 1
    if 0 <= request.after < first - 1:
        raise Gone(
            f"Of the events of {work.service} those before {first} are no longer kept.",
            service=work.service,
            oldest=first,
        )
    return {"items": items, "newest": newest}

"""What was already applied: `(event id, listener)` is written in the transaction of the effect."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

_ACCEPT = text("""
    INSERT INTO inbox (event_id, listener) SELECT event_id, :listener
    FROM unnest(CAST(:event_ids AS uuid[])) AS event_id ORDER BY event_id
    ON CONFLICT DO NOTHING RETURNING CAST(event_id AS text)
""")
"""One parameter however many events: to compile a statement of a thousand took longer than to execute it."""


def accept(session: Session, listener: str, event_ids: Sequence[str]) -> set[str]:
    """Note these events as applied by this listener, and give those that were not yet."""
    return set(session.scalars(_ACCEPT, {"listener": listener, "event_ids": sorted(set(event_ids))}))

"""What was already applied: `(event id, listener)` is written in the transaction of the effect."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from chassis.tables import inbox


def accept(session: Session, listener: str, event_ids: Sequence[str]) -> set[str]:
    """Note these events as applied by this listener, and give those that were not yet."""
    rows = [{"event_id": event_id, "listener": listener} for event_id in sorted(set(event_ids))]
    statement = insert(inbox).values(rows).on_conflict_do_nothing().returning(inbox.c.event_id)
    return {str(event_id) for event_id in session.scalars(statement)}

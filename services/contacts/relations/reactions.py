"""Billing says who uses whose membership; here it stands beside how the two are related."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from contracts.billing.sharing import shared_membership_left
from services.contacts.relations.model import SharedSeat


def note_shared_seats(work: Any, events: Sequence[Any]) -> None:
    """Note what was told of each seat last, in whatever order and however often it comes."""
    newest = {event.data.seat_id: event for event in sorted(events, key=lambda event: event.sequence)}
    rows = [_row(event) for _, event in sorted(newest.items())]
    new = insert(SharedSeat).values(rows)
    told = {name: new.excluded[name] for name in ("owner_id", "contact_id", "name", "left", "told_at")}
    older = SharedSeat.told_at < new.excluded.told_at
    work.session.execute(new.on_conflict_do_update(index_elements=["seat_id"], set_=told, where=older))


def _row(event: Any) -> dict[str, Any]:
    same = ("seat_id", "subscription_id", "owner_id", "name")
    return {name: event.data[name] for name in same} | {
        "contact_id": event.subject,
        "left": event.type == shared_membership_left.type,
        "told_at": event.sequence,
    }

"""Hearing that somebody moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chassis.work import Work
from services.acquaintance import remember
from services.billing.addressees.actions import keep_addresses


def remember_with_addresses(work: Work, events: Sequence[Any]) -> None:
    """Learn who contacts are, and of those whom billing had to do with, where they live now."""
    remember(work, events)
    moved: dict[str, tuple[int, Any]] = {}
    for event in events:
        changed = (event.data.get("changes") or {}).get("addresses")
        version = event.data["version"]
        if changed is not None and version > moved.get(event.subject, (0, None))[0]:
            moved[event.subject] = version, changed["after"] or []
    if moved:
        keep_addresses(work, moved)

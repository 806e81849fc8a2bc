"""Following what contacts says of each contact, and what that moves on the board."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from services import acquaintance
from services.pipeline.leads.following import learn
from services.pipeline.leads.tidings import told_by_event


def follow_contacts(work: Any, events: Iterable[Any]) -> None:
    """Remember the contacts and move their leads in one transaction, so that no card stands without its name."""
    events = list(events)
    acquaintance.remember(work, events)
    learn(work, [told_by_event(event) for event in events])

"""What happens anywhere is put on the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.contacts.projections.actions import hold_editions
from services.contacts.projections.rules import as_heard
from services.contacts.timeline.actions import PROJECTION, enter


def add_to_timeline(work: Any, events: Sequence[Any]) -> None:
    """Enter what is about a contact or a managed thing, each once, in whatever order and however often it comes."""
    enter(work, [as_heard(event) for event in events], max(hold_editions(work, PROJECTION).all))

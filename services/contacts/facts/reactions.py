"""What happens anywhere is added to the facts of whom it is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.contacts.facts.actions import take_in
from services.contacts.projections.rules import as_heard


def add_to_facts(work: Any, events: Sequence[Any]) -> None:
    """Take in what was heard, in whatever order and however often it comes."""
    take_in(work, [as_heard(event) for event in events])

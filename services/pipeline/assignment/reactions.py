"""Giving leads that came in with nobody to somebody, by the rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from services.pipeline.assignment.choosing import choose_for
from services.pipeline.assignment.handing_over import start_handing_over


def assign_newcomers(work: Any, events: Iterable[Any]) -> None:
    """Choose somebody for each lead that came in with nobody, once."""
    alone = sorted({event.subject for event in events if event.data["assigned_to"] is None})
    if alone and (chosen := choose_for(work, alone)):
        work.by_itself()
        start_handing_over(work, chosen, only_unassigned=True)

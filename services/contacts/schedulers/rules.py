"""Which of two words of an outside scheduler is the newer one."""

from __future__ import annotations

from typing import Any

OLDER, SAME, NEWER = -1, 0, 1


def age_of(known: Any, told: Any) -> int:
    """Compare by the scheduler's own sequence, else by its clock; without either what comes last is the newest."""
    for ours, theirs in (
        (known.external_sequence, told.sequence),
        (known.external_updated_at, told.updated_at),
    ):
        if ours is not None and theirs is not None:
            return (theirs > ours) - (theirs < ours)
    return NEWER


def note_age(row: Any, told: Any) -> None:
    """Remember how new the word was that the row follows."""
    if told.sequence is not None:
        row.external_sequence = told.sequence
    if told.updated_at is not None:
        row.external_updated_at = told.updated_at

"""Who is in a segment."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, exists, select

from contracts.contacts import segments
from contracts.errors import named_at
from services.pipeline.segments.model import Passage


def refuse_unknown_segment(work: Any, segment_id: str | None) -> None:
    """Refuse, at its pointer, a segment that nobody is in and that contacts does not know either."""
    if segment_id is None or work.reading.scalar(select(exists(_members(segment_id)))):
        return
    with named_at("/segment_id"):
        work.ask(segments.get_segment, segment_id=segment_id)


def in_segment(contact_id: Any, segment_id: str) -> ColumnElement[bool]:
    """The condition that a contact is in the segment."""
    found: ColumnElement[bool] = contact_id.in_(_members(segment_id))
    return found


def _members(segment_id: str) -> Select[str]:
    return select(Passage.contact_id).where(Passage.segment_id == segment_id, Passage.inside)

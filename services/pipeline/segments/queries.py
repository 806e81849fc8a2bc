"""Who is in a segment, or found by a filter that nobody saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, select

from chassis.rows import one_of
from chassis.work import Work
from contracts.contacts import finding, segments
from contracts.contacts.filters import leaves_nobody_out
from contracts.errors import Invalid, named_at
from contracts.language import Request
from contracts.pipeline.leads import MOST_MATCHING
from services.pipeline.segments.model import Passage


def of_contacts(work: Work, request: Request, contact_id: Any) -> list[ColumnElement[bool]]:
    """The conditions of what is asked of the contacts behind `contact_id`; a segment that nobody knows is refused."""
    conditions: list[ColumnElement[bool]] = []
    if request.segment_id:
        _refuse_unknown_segment(work, request.segment_id)
        conditions.append(contact_id.in_(_members(request.segment_id)))
    if request.filter and not leaves_nobody_out(request.filter):
        work.actor.permit("contacts.read")
        conditions.append(one_of(contact_id, _matching(work, request.filter)))
    return conditions


def _matching(work: Work, filter: Mapping[str, Any]) -> list[str]:
    """Ask contacts whom a filter finds, as who asks us may see them; very many are a segment's, which is kept here."""
    found = work.ask(finding.match_contacts, filter=filter, limit=MOST_MATCHING, asked_by=work.asked_by)
    if found["more"]:
        detail = f"It finds more than {MOST_MATCHING} contacts. Save it as a segment, and name that."
        raise Invalid.field("/filter", detail)
    ids: list[str] = found["contact_ids"]
    return ids


def _refuse_unknown_segment(work: Work, segment_id: str) -> None:
    """Refuse, at its pointer, a segment that nobody is in and that contacts does not know either."""
    if work.reading.scalar(select(exists(_members(segment_id)))):
        return
    with named_at("/segment_id"):
        work.ask(segments.get_segment, segment_id=segment_id)


def _members(segment_id: str) -> Select[str]:
    return select(Passage.contact_id).where(Passage.segment_id == segment_id, Passage.inside)

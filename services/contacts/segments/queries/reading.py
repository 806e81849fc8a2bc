"""Segments, who is in one, and which ones somebody is in."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.pages import keys_for, narrowed, page_of
from contracts.errors import NotFound
from services.contacts.contact.queries import known_contact
from services.contacts.contact.rules import fold
from services.contacts.finding.queries.catalogue import catalogue_of_segments
from services.contacts.finding.queries.fields import contacts
from services.contacts.finding.queries.matching import with_facts
from services.contacts.segments.model import Segment, SegmentMember

SAMPLE = 10
_members: Any = SegmentMember.__table__
_SHOWN = (Segment.deleted_at.is_(None), Segment.tag.is_(None))
_OF_CONTACT = (contacts.c.id.label("contact_id"), contacts.c.display_name, contacts.c.lifecycle)


def get_segment(work: Any, request: Any) -> Segment:
    """Answer one segment."""
    segment = work.session.scalar(sa.select(Segment).where(Segment.id == request.segment_id, *_SHOWN))
    if segment is None:
        raise NotFound("There is no such segment.")
    return segment


def list_segments(work: Any, request: Any) -> dict[str, Any]:
    """A page of segments."""
    statement = sa.select(Segment).where(*_SHOWN)
    if request.q:
        statement = statement.where(Segment.name_key.contains(fold(request.q), autoescape=True))
    return _page(work, statement, [Segment.id], request)


def list_segment_members(work: Any, request: Any) -> dict[str, Any]:
    """A page of members; of those who match, not of those who will once the job is done."""
    get_segment(work, request)
    of_segment = _members.c.segment_id == request.segment_id
    statement: Any = sa.select(*_OF_CONTACT, _members.c.entered_at)
    statement = statement.join(_members, _members.c.contact_id == contacts.c.id).where(of_segment)
    statement = narrowed(statement, request, contacts.c.kind, contacts.c.lifecycle)
    page = page_of(work, statement, keys_for(request.sort, oldest=[_members.c.contact_id]), request)
    if not request["count"]:
        return page | {"total": None}
    is_narrowed = {"kind", "lifecycle"} & request.keys()
    counted = statement if is_narrowed else sa.select(_members.c.contact_id).where(of_segment)  # cards stay unread
    return page | {"total": work.session.scalar(sa.select(sa.func.count()).select_from(counted.subquery()))}


def list_segments_of_contact(work: Any, request: Any) -> dict[str, Any]:
    """A page of the segments that a contact is in."""
    contact_id = known_contact(work, request.contact_id)
    statement: Any = (
        sa.select(
            Segment.id.label("segment_id"), Segment.name, Segment.built_in, SegmentMember.entered_at
        )
        .join(SegmentMember, SegmentMember.segment_id == Segment.id)
        .where(SegmentMember.contact_id == contact_id, *_SHOWN)
    )  # fmt: skip
    return _page(work, statement, [SegmentMember.entered_at, Segment.id], request)


def _page(work: Any, statement: sa.Select[Any], by_age: list[Any], request: Any) -> dict[str, Any]:
    if request.built_in is not None:
        statement = statement.where(Segment.built_in.is_not(None) == request.built_in)
    return page_of(work, statement, keys_for(request.sort, oldest=by_age, name=[Segment.name_key, Segment.id]), request)


def preview_segment(work: Any, request: Any) -> dict[str, Any]:
    """Count who would be in it, and name some of them."""
    found = catalogue_of_segments(work).compiled(request.filter, may=work.actor.may)
    among, where = with_facts(perhaps=found.of_facts), (contacts.c.standing == "active", found.where)
    total = work.session.scalar(sa.select(sa.func.count()).select_from(among).where(*where))
    sample = sa.select(*_OF_CONTACT).select_from(among).where(*where).order_by(contacts.c.id.desc()).limit(SAMPLE)
    return {"total": total, "sample": work.session.execute(sample).all() if total else []}

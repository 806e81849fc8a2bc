"""What a segment is: made, changed, deleted; its members follow in a job."""

from __future__ import annotations

from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from chassis.ids import new_id
from chassis.rows import set_on
from contracts.contacts.segments import segment_changed, segment_created, segment_deleted
from contracts.errors import Conflict, NotFound
from services.contacts.contact.rules import fold
from services.contacts.finding.queries.catalogue import catalogue_of_segments
from services.contacts.segments.actions.stepping import JOB
from services.contacts.segments.model import Segment
from services.contacts.segments.queries.defined import CHANGED, DEFINED
from services.contacts.segments.rules.built_in import built_in_segments
from services.contacts.settings.queries import setting_now


def create_segment(work: Any, request: Any) -> Segment:
    """Keep a filter under a name that no other segment has, and begin to look who matches."""
    judge_filter(work, request.filter)
    segment = add_segment(work, name=request.name, description=request.description, filter=request.filter)
    work.record(segment_created, None, segment_id=segment.id, name=segment.name, version=segment.version)
    return segment


def judge_filter(work: Any, filter: dict[str, Any]) -> None:
    """Refuse what makes no sense, and what whoever asks may not ask: from then on the house asks for itself."""
    catalogue_of_segments(work).compiled(filter, may=work.actor.may)


def add_segment(work: Any, *, name: str, description: str, filter: dict[str, Any], **more: Any) -> Segment:
    found = catalogue_of_segments(work).compiled(filter)
    who = {"created_by": work.actor.id, "changed_by": work.actor.id}
    segment = Segment(
        id=new_id(), name=name, name_key=fold(name), description=description, filter=filter, edition=1, evaluated=0,
        passes_with_time=found.passes, version=1, created_at=work.now, changed_at=work.now, **who, **more,
    )  # fmt: skip
    work.session.add(segment)
    _flush(work)
    look_at_everybody(work, segment, DEFINED)
    return segment


def change_segment(work: Any, request: Any) -> Segment:
    """Change what is given; another filter is another edition, whose members are found anew.

    A built-in one follows the settings as long as its filter is the one that they make, whatever it is called.
    """
    if "filter" in request:
        judge_filter(work, request.filter)
    segment = hold_segment(work, request.segment_id)
    work.expect(segment.version)
    changes = set_on(segment, {name: request[name] for name in ("name", "description", "filter") if name in request})
    if not changes:
        return segment
    segment.name_key = fold(segment.name)
    next_version(work, segment, changes)
    if "filter" in changes:
        segment.edited = segment.built_in is not None and segment.filter != _as_set(work, segment.built_in)
        redefine(work, segment, CHANGED)
    _flush(work)
    return segment


def _as_set(work: Any, built_in: str) -> dict[str, Any]:
    """The filter that the settings make of a built-in segment."""
    return built_in_segments(partial(setting_now, work))[built_in].filter


def redefine(work: Any, segment: Segment, words: str) -> None:
    """Begin to find the members of a filter that has just been changed."""
    segment.passes_with_time = catalogue_of_segments(work).compiled(segment.filter).passes
    segment.edition += 1
    look_at_everybody(work, segment, words)


def next_version(work: Any, segment: Segment, changes: dict[str, Any]) -> None:
    segment.version += 1
    segment.changed_at, segment.changed_by = work.now, work.actor.id
    if segment.tag is None:
        told = {"segment_id": segment.id, "name": segment.name, "version": segment.version}
        work.record(segment_changed, None, **told, changes=changes)


def delete_segment(work: Any, request: Any) -> dict[str, Any]:
    """Take it out of sight; its members leave in a job."""
    segment = hold_segment(work, request.segment_id)
    work.expect(segment.version)
    segment.deleted_at = work.now
    segment.edition += 1
    segment.version += 1
    look_at_everybody(work, segment, "the segment was deleted")
    work.record(segment_deleted, None, segment_id=segment.id, name=segment.name, version=segment.version)
    return {}


def reevaluate_segment(work: Any, request: Any) -> dict[str, Any]:
    """Look at everybody again, with the filter as it is."""
    segment = hold_segment(work, request.segment_id)
    return {"job_id": look_at_everybody(work, segment, "everybody was looked at again")}


def look_at_everybody(work: Any, segment: Segment, words: str) -> str:
    """Start the job that finds the members of this edition."""
    segment.job_id = work.start_job(JOB, {"segment_id": segment.id, "edition": segment.edition, "words": words})
    return segment.job_id


def hold_segment(work: Any, segment_id: str) -> Segment:
    held = sa.select(Segment).where(Segment.id == segment_id, Segment.deleted_at.is_(None), Segment.tag.is_(None))
    segment = work.session.scalar(held.with_for_update())
    if segment is None:
        raise NotFound("There is no such segment.")
    return segment


def _flush(work: Any) -> None:
    """Write it, or refuse a name that another segment has."""
    try:
        work.session.flush()
    except IntegrityError as error:
        if "segments_name" not in str(error.orig):
            raise
        detail = "Another segment has this name."
        raise Conflict(detail, [{"pointer": "/name", "detail": detail}]) from None

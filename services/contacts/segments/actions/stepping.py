"""Everybody is looked at with a new filter, stretch by stretch."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from services.contacts.finding.queries.catalogue import Catalogue, catalogue_of_segments
from services.contacts.finding.queries.compiling import NOBODY
from services.contacts.segments.actions.evaluating import evaluate_stretch, hold_segments
from services.contacts.segments.actions.passing import note_days
from services.contacts.segments.actions.telling import tell_alike
from services.contacts.segments.model import Segment, SegmentDay
from services.contacts.segments.queries.defined import Definition, definitions

JOB = "evaluate_segment"
MOST = 20_000
_segments: Any = Segment.__table__
_days: Any = SegmentDay.__table__


def evaluate_segment(work: Any, job: Any) -> None:
    """Do the next stretch; an edition that is not the newest any more is left to the job of the newest."""
    work.by_itself()
    hold_segments(work)
    catalogue = catalogue_of_segments(work)
    definition = _definition(work, catalogue, job.input)
    if definition is None:
        job.finish(**job.progress, superseded=True)
        return
    days = job.checkpoint.setdefault("days", _days_now(catalogue))
    found = evaluate_stretch(work, definition, job.checkpoint.get("after"), MOST)
    tell_alike(work, definition, found.entered, found.left, job.input["words"])
    job.checkpoint["after"] = found.last
    for name, count in (("entered", len(found.entered)), ("left", len(found.left))):
        job.progress[name] = job.progress.get(name, 0) + count
    if found.last is None:
        _note(work, definition, {zone: dt.date.fromisoformat(day) for zone, day in days.items()})
        job.finish(**job.progress)


def _definition(work: Any, catalogue: Catalogue, input: dict[str, Any]) -> Definition | None:
    """The segment as it is to be evaluated: a deleted one has nobody."""
    row = work.session.execute(sa.select(_segments).where(_segments.c.id == input["segment_id"])).one()
    if row.edition != input["edition"]:
        return None
    if row.deleted_at is not None:
        return Definition(row.id, row.name, row.tag, row.edition, row.filter, NOBODY)
    return next(iter(definitions(work, catalogue, [row.id])), None)


def _days_now(catalogue: Catalogue) -> dict[str, str]:
    """Midnight may pass meanwhile: what counts is the day on which it began."""
    almanac = catalogue.almanac
    return {str(zone): almanac.today(zone).isoformat() for zone in almanac.zones}


def _note(work: Any, definition: Definition, days: dict[str, dt.date]) -> None:
    work.session.execute(sa.delete(_days).where(_days.c.segment_id == definition.id))
    if definition.found is not NOBODY:
        note_days(work, definition.id, days)
    evaluated = {"evaluated": definition.edition, "job_id": None}
    work.session.execute(sa.update(_segments).where(_segments.c.id == definition.id).values(evaluated))

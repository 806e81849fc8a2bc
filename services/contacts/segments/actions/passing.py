"""Members follow the days: when another one has begun in a time zone, everybody there is looked at again."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from chassis.tables import jobs
from services.contacts.finding.queries.almanac import Almanac
from services.contacts.finding.queries.catalogue import almanac_now, catalogue_of_segments
from services.contacts.finding.queries.explaining import why_time
from services.contacts.segments.actions.evaluating import evaluate_stretch, hold_segments
from services.contacts.segments.actions.telling import tell_each
from services.contacts.segments.model import Segment, SegmentDay
from services.contacts.segments.queries.defined import definitions

JOB = "pass_days"
MOST = 20_000
_segments: Any = Segment.__table__
_days: Any = SegmentDay.__table__


class Due(NamedTuple):
    """A segment that was last looked at on the day `before` in this zone."""

    segment_id: str
    zone: ZoneInfo
    before: dt.date
    today: dt.date


def notice_days(work: Any) -> None:
    """Start the job when another day has begun somewhere, unless it is under way."""
    open_ = sa.select(jobs.c.id).where(jobs.c.kind == JOB, jobs.c.state.in_(("queued", "running")))
    if due_of(work, almanac_now(work)) and work.session.execute(open_.limit(1)).first() is None:
        work.start_job(JOB, {})


def due_of(work: Any, almanac: Almanac) -> list[Due]:
    """Where which segments have to be looked at, in a steady order."""
    rows = work.session.execute(
        sa.select(_days.c.segment_id, _days.c.zone, _days.c.day)
        .join(_segments, _segments.c.id == _days.c.segment_id)
        .where(_segments.c.passes_with_time, _segments.c.deleted_at.is_(None))
        .order_by(_days.c.segment_id, _days.c.zone)
    )
    zones = {str(zone): zone for zone in almanac.zones}
    return [
        Due(row.segment_id, zones[row.zone], row.day, today)
        for row in rows
        if row.zone in zones and (today := almanac.today(zones[row.zone])) != row.day
    ]


def pass_days(work: Any, job: Any) -> None:
    """Look at the next stretch of contacts of one segment in one zone; begun again wherever it was left."""
    work.by_itself()
    hold_segments(work)
    catalogue = catalogue_of_segments(work)
    due = due_of(work, catalogue.almanac)
    if not due:
        job.finish(**job.progress)
        return
    at, after = due[0], None
    begun = job.checkpoint.get("today")
    if job.checkpoint.get("at") == [at.segment_id, str(at.zone)]:
        after = job.checkpoint["after"]
    else:
        begun = at.today.isoformat()
    entered = left = 0
    last = None
    for definition in definitions(work, catalogue, [at.segment_id]):
        found = evaluate_stretch(work, definition, after, MOST, where=catalogue.almanac.here(at.zone))
        changed = [*found.entered, *found.left]
        if changed:
            words = why_time(work, catalogue, definition.filter, changed, at.before)
            tell_each(work, definition, found.entered, found.left, {one: {"words": words[one]} for one in changed})
        entered, left, last = len(found.entered), len(found.left), found.last
    if last is None:
        note_days(work, at.segment_id, {str(at.zone): dt.date.fromisoformat(begun)})
    job.checkpoint |= {"at": [at.segment_id, str(at.zone)] if last else None, "after": last, "today": begun}
    job.progress |= {
        "entered": job.progress.get("entered", 0) + entered,
        "left": job.progress.get("left", 0) + left,
        "segments_left": len(due) - (last is None),
    }


def note_days(work: Any, segment_id: str, days: dict[str, dt.date]) -> None:
    """Keep as of which day the members in these zones are right."""
    rows = [{"segment_id": segment_id, "zone": zone, "day": day} for zone, day in days.items()]
    note = insert(_days)
    work.session.execute(
        note.on_conflict_do_update(index_elements=["segment_id", "zone"], set_={"day": note.excluded.day}), rows
    )

"""Following who enters and leaves segments, and asking for who was in them before we listened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, not_, select
from sqlalchemy.dialects.postgresql import insert

from chassis.rows import plain_rows, upserting
from chassis.tables import jobs
from contracts.contacts import segments
from contracts.errors import NotFound
from services.pipeline.segments.model import Passage

LEARN = "learn_segments"
KEPT = dt.timedelta(days=30)
"""So long it is known of who left that they did; what is older than that and still on its way was parked."""

_passages: Any = Passage.__table__
_KEEP_NEWER = upserting(_passages, lambda there, coming: there.as_of < coming.as_of)


def follow_segments(work: Any, events: Iterable[Any]) -> None:
    """Keep the newest that was told of each contact and segment, in whatever order it came."""
    newest: dict[tuple[str, str], Any] = {}
    for event in sorted(events, key=lambda event: event.sequence):
        newest[event.data["segment_id"], event.subject] = event
    rows = [
        {
            "segment_id": segment_id,
            "contact_id": contact_id,
            "inside": event.type == segments.segment_entered.type,
            "as_of": event.sequence,
            "heard_at": work.now,
        }
        for (segment_id, contact_id), event in sorted(newest.items())
    ]
    work.session.execute(_KEEP_NEWER, plain_rows(rows))


def forget_who_left(work: Any) -> None:
    work.session.execute(delete(Passage).where(not_(Passage.inside), Passage.heard_at < work.now - KEPT))


def ask_when_strange(work: Any) -> None:
    """Ask who is in the segments, as a job, unless that was asked or is being asked: they were made before us."""
    asked = select(jobs.c.id).where(jobs.c.kind == LEARN, jobs.c.state.in_(("queued", "running", "done")))
    if work.session.scalar(asked.limit(1)) is None:
        work.start_job(LEARN, {})


def ask_for_members(work: Any, job: Any) -> Any:
    """Ask for the next page of the segments there are, and then for the next page of one's members."""
    told = job.checkpoint
    page = {"limit": 200} | ({"cursor": told["cursor"]} if told.get("cursor") else {})
    if not told.get("all_found"):
        return work.ask(segments.list_segments, **page)
    if not told["segment_ids"]:
        return {"items": [], "next": None}
    try:
        return work.ask(segments.list_segment_members, segment_id=told["segment_ids"][0], **page)
    except NotFound:  # it was deleted meanwhile
        return {"items": [], "next": None}


def learn_members(work: Any, job: Any, page: Any) -> None:
    """Remember a page of members, unless something was heard of them meanwhile."""
    found = job.checkpoint.get("segment_ids", [])
    if not job.checkpoint.get("all_found"):
        found = found + [segment["id"] for segment in page["items"]]
        job.checkpoint = {"segment_ids": found, "cursor": page["next"], "all_found": page["next"] is None}
    else:
        _keep_unheard(work, found, page["items"])
        left = found if page["next"] else found[1:]
        job.checkpoint = {"segment_ids": left, "cursor": page["next"], "all_found": True}
    if job.checkpoint["all_found"] and not job.checkpoint["segment_ids"]:
        job.finish()


def _keep_unheard(work: Any, found: list[str], members: list[Any]) -> None:
    """Older than anything that was ever told: position 0 of the log."""
    said = {"inside": True, "as_of": 0, "heard_at": work.now}
    rows = [{"segment_id": found[0], "contact_id": member["contact_id"]} | said for member in members]
    if rows:
        work.session.execute(insert(Passage).values(rows).on_conflict_do_nothing())

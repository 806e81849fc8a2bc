"""What becomes of follow-ups when something happens to their lead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, or_, select, update

from chassis.rows import moments_of, one_of
from contracts.pipeline import follow_ups
from services import acquaintance
from services.acquaintance import known_contacts
from services.pipeline.followups.model import FollowUp, told
from services.pipeline.leads.model import Lead
from services.pipeline.stages.model import Stage

ARCHIVED = "The contact was archived."
WON = "The lead was won."


def go_with_lead(work: Any, events: Iterable[Any]) -> None:
    """Give those that follow their lead to whoever has it now, whatever the order in which that is heard.

    Of what is due already nobody has told whoever has it from now on.
    """
    moving = (
        select(FollowUp.id, FollowUp.assigned_to.label("before"), Lead.assigned_to.label("after"))
        .join(Lead, Lead.contact_id == FollowUp.contact_id)
        .where(
            one_of(FollowUp.contact_id, _subjects(events)),
            FollowUp.state == "open",
            FollowUp.follows_lead,
            FollowUp.assigned_to.is_distinct_from(Lead.assigned_to),
        )
        .order_by(FollowUp.id)
        .with_for_update(of=FollowUp)
        .cte("moving")
    )
    handed_over = (
        update(FollowUp)
        .where(FollowUp.id == moving.c.id)
        .values(
            assigned_to=moving.c.after,
            assigned_before=moving.c.before,
            due_told=and_(FollowUp.due_told, moving.c.after.is_(None)),
            version=FollowUp.version + 1,
        )
        .returning(*FollowUp.__table__.c)
    )
    rows = work.session.execute(handed_over.execution_options(synchronize_session=False)).all()
    work.record_many(follow_ups.follow_up_changed, [(row.contact_id, told(row) | _handed_over(row)) for row in rows])


def stop_when_archived(work: Any, events: Iterable[Any]) -> None:
    """Stop what is open for who was archived; what was made after they came back stays."""
    events = [event for event in events if "standing" in event.data["changes"]]
    archived = _latest(event for event in events if event.data["changes"]["standing"]["after"] == "archived")
    if archived:
        work.because_of(events)
        acquaintance.remember(work, events)
        gone = select(known_contacts.c.contact_id).where(known_contacts.c.standing == "archived")
        _stop(work, archived, now_so=FollowUp.contact_id.in_(gone), reason=ARCHIVED)


def stop_when_won(work: Any, events: Sequence[Any]) -> None:
    """Stop what is open for who became a customer; what was made after a reversal stays."""
    won = select(Lead.contact_id).join(Stage, Stage.id == Lead.stage_id).where(Stage.kind == "won")
    _stop(work, _latest(events), now_so=FollowUp.contact_id.in_(won), reason=WON)


def _stop(work: Any, since: Mapping[str, dt.datetime], *, now_so: Any, reason: str) -> None:
    """Stop what was open at a moment and, while it is still so, whatever is open; leads are held as for making one."""
    held = select(Lead.contact_id).where(one_of(Lead.contact_id, since)).order_by(Lead.contact_id).with_for_update()
    work.session.execute(held)
    moments = moments_of(since)
    stopped = (
        update(FollowUp)
        .where(
            FollowUp.contact_id == moments.c.contact_id,
            FollowUp.state == "open",
            or_(FollowUp.created_at <= moments.c.at, now_so),
        )
        .values(state="stopped", reason=reason, ended_at=work.now, version=FollowUp.version + 1)
        .returning(*FollowUp.__table__.c)
    )
    rows = work.session.execute(stopped.execution_options(synchronize_session=False)).all()
    work.record_many(follow_ups.follow_up_stopped, [(row.contact_id, told(row) | {"reason": reason}) for row in rows])


def _latest(events: Iterable[Any]) -> dict[str, dt.datetime]:
    """When it happened last to each."""
    latest: dict[str, dt.datetime] = {}
    for event in events:
        latest[event.subject] = max(event.time, latest.get(event.subject, event.time))
    return latest


def _handed_over(row: Any) -> dict[str, Any]:
    return {"changes": {"assigned_to": {"before": row.assigned_before, "after": row.assigned_to}}}


def _subjects(events: Iterable[Any]) -> list[str]:
    return sorted({event.subject for event in events})

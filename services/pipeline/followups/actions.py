"""What can be done with follow-ups by hand, and telling that their time has come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import not_, select

from chassis.ids import new_id
from chassis.overdue import let_run_out
from chassis.rows import set_on
from contracts.errors import Conflict, Merged, NotFound
from contracts.pipeline import follow_ups
from services.acquaintance import KnownContact
from services.acquaintance.queries import recall
from services.pipeline.followups.model import FollowUp, told
from services.pipeline.followups.queries import shown
from services.pipeline.leads.actions import present_lead
from services.pipeline.leads.model import Lead
from services.pipeline.stages.model import Stage
from services.pipeline.team.queries import refuse_strangers


def add_follow_up(work: Any, request: Any) -> dict[str, Any]:
    refuse_strangers(work, [request.assigned_to], "/assigned_to")
    lead = present_lead(work, request.contact_id)
    name = _still_a_lead(work, lead).display_name
    follow_up = FollowUp(
        id=new_id(),
        contact_id=lead.contact_id,
        title=request.title,
        note=request.note or None,
        channel=request.channel,
        due_at=request.due_at,
        due_told=False,
        state="open",
        assigned_to=request.assigned_to or lead.assigned_to,
        follows_lead=not request.assigned_to,
        created_at=work.now,
        created_by=work.actor.name or None,
        version=1,
    )
    make_follow_ups(work, [follow_up])
    return shown(follow_up, name, work.now)


def make_follow_ups(work: Any, made: Sequence[FollowUp]) -> None:
    """Put them down and tell of them; whoever calls this holds their leads, and knows that these are still leads."""
    work.session.add_all(made)
    work.record_many(
        follow_ups.follow_up_created, [(one.contact_id, told(one) | {"rule_id": one.rule_id}) for one in made]
    )


def change_follow_up(work: Any, request: Any) -> dict[str, Any]:
    """Change an open one; a due time that is new has not been told of yet."""
    refuse_strangers(work, [request.assigned_to], "/assigned_to")
    follow_up = _open_one(work, request.follow_up_id)
    work.expect(follow_up.version)
    fields = {name: request[name] for name in ("title", "due_at", "channel") if name in request}
    if "note" in request:
        fields["note"] = request.note or None
    changes = set_on(follow_up, fields)
    if "due_at" in changes:
        follow_up.due_told = False
    if "assigned_to" in request:
        before = follow_up.assigned_to
        follow_up.give_to(
            request.assigned_to or _whose(work, follow_up.contact_id), follows_lead=not request.assigned_to
        )
        if follow_up.assigned_to != before:
            changes["assigned_to"] = {"before": before, "after": follow_up.assigned_to}
    if changes or work.session.is_modified(follow_up):
        follow_up.version += 1
        work.record(follow_ups.follow_up_changed, follow_up.contact_id, changes=changes, **told(follow_up))
    return _shown(work, follow_up)


def complete_follow_up(work: Any, request: Any) -> dict[str, Any]:
    follow_up = _open_one(work, request.follow_up_id)
    work.expect(follow_up.version)
    follow_up.outcome = request.outcome
    follow_up.end("done", at=work.now, by=work.actor.name or None)
    work.record(
        follow_ups.follow_up_completed, follow_up.contact_id, outcome=follow_up.outcome, **told(follow_up)
    )  # fmt: skip
    return _shown(work, follow_up)


def cancel_follow_up(work: Any, request: Any) -> dict[str, Any]:
    follow_up = _held(work, request.follow_up_id)
    if follow_up.state == "cancelled":
        return _shown(work, follow_up)
    follow_up.refuse_unless_open()
    work.expect(follow_up.version)
    follow_up.reason = request.reason or None
    follow_up.end("cancelled", at=work.now, by=work.actor.name or None)
    work.record(follow_ups.follow_up_cancelled, follow_up.contact_id, reason=follow_up.reason, **told(follow_up))
    return _shown(work, follow_up)


def tell_due(work: Any) -> None:
    """Tell of the open ones whose time has come, each once for a due time and whoever has it."""
    let_run_out(
        work,
        FollowUp,
        FollowUp.state == "open",
        not_(FollowUp.due_told),
        FollowUp.due_at <= work.now,
        oldest=FollowUp.due_at,
        becomes={"due_told": True},
        told=follow_ups.follow_up_due,
        saying=told,
    )


def _open_one(work: Any, follow_up_id: str) -> FollowUp:
    follow_up = _held(work, follow_up_id)
    follow_up.refuse_unless_open()
    return follow_up


def _held(work: Any, follow_up_id: str) -> FollowUp:
    follow_up: FollowUp | None = work.session.get(FollowUp, follow_up_id, with_for_update=True)
    if follow_up is None:
        raise NotFound("There is no such follow-up.")
    return follow_up


def _still_a_lead(work: Any, lead: Lead) -> KnownContact:
    """Look behind the lock on the lead, which whoever stops follow-ups takes as well."""
    known: KnownContact = recall(work.session, [lead.contact_id])[lead.contact_id]
    if known.standing == "merged":
        raise Merged("This contact was merged into another.", survivor=known.merged_into)
    if known.standing != "active":
        raise Conflict(f"{known.display_name} is {known.standing}. Restore the contact first.")
    stage = work.session.get(Stage, lead.stage_id)
    if stage.kind == "won":
        raise Conflict(f"{known.display_name} is a customer: follow-ups are for leads.")
    return known


def _whose(work: Any, contact_id: str) -> str | None:
    found: str | None = work.session.scalar(select(Lead.assigned_to).where(Lead.contact_id == contact_id))
    return found


def _shown(work: Any, follow_up: FollowUp) -> dict[str, Any]:
    known = recall(work.session, [follow_up.contact_id]).get(follow_up.contact_id)
    return shown(follow_up, known.display_name if known else None, work.now)

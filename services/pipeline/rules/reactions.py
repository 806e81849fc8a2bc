"""Running stage rules: once for each time that a lead enters the stage, however often and by whom that is noticed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Interval, cast, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from contracts.pipeline import rules
from services.acquaintance import known_contacts
from services.pipeline.assignment.handing_over import start_handing_over
from services.pipeline.followups.actions import make_follow_ups
from services.pipeline.followups.model import FollowUp
from services.pipeline.leads.model import Lead, Move
from services.pipeline.rules.model import RuleRun, StageRule
from services.pipeline.rules.rules import Standing, run_of
from services.pipeline.stages.model import Stage
from services.pipeline.team.queries import active_ones

MOST_AT_ONCE = 500


class Entry(NamedTuple):
    """A rule that is to run for a lead, which entered the stage at this version of its own."""

    rule: StageRule
    contact_id: str
    version: int


def run_on_entering(work: Any, events: Iterable[Any]) -> None:
    """Run the rules of the stages that leads have entered since the rules are active."""
    events = list(events)
    entered = select(StageRule).where(
        StageRule.stage_id.in_({event.data["stage_id"] for event in events}),
        StageRule.when == "entered",
        ~StageRule.paused,
    )
    found = list(work.session.scalars(entered.order_by(StageRule.id)))
    _run(
        work,
        [
            Entry(rule, event.subject, event.data["version"])
            for event in events
            for rule in found
            if rule.stage_id == event.data["stage_id"] and rule.active_since <= event.time
        ],
    )


def run_on_standing_still(work: Any) -> None:
    """Run the rules for who stands in a stage for too long by now, and not for who did so before a rule was active.

    Who is archived is at rest, and noticed when they are restored.
    """
    patience = cast(func.make_interval(0, 0, 0, 0, StageRule.after_hours), Interval)
    entry = select(func.max(Move.version)).where(Move.contact_id == Lead.contact_id).scalar_subquery()
    ran = select(literal(1)).where(
        RuleRun.rule_id == StageRule.id, RuleRun.contact_id == Lead.contact_id, RuleRun.entry == entry
    )
    too_long = (
        select(StageRule, Lead.contact_id, entry.label("entry"))
        .join(Lead, Lead.stage_id == StageRule.stage_id)
        .where(
            StageRule.when == "stood_still",
            ~StageRule.paused,
            Lead.standing == "active",
            Lead.entered_stage_at <= work.now - patience,
            Lead.entered_stage_at > StageRule.active_since - patience,
            ~ran.exists(),
        )
        .order_by(Lead.entered_stage_at, Lead.contact_id)
        .limit(MOST_AT_ONCE)
    )
    _run(work, [Entry(rule, contact_id, version) for rule, contact_id, version in work.session.execute(too_long)])


def _run(work: Any, entries: Sequence[Entry]) -> None:
    if not entries:
        return
    leads = _held(work, {entry.contact_id for entry in entries})
    named = {str(id) for entry in entries for id in _named(entry.rule)}
    team = active_ones(work, named | {lead.assigned_to for lead in leads.values() if lead.assigned_to})
    decided = {}
    for rule, contact_id, version in entries:
        if contact_id in leads:
            run = run_of(rule, leads[contact_id], version, team) | {"ran_at": work.now}
            decided[rule.id, contact_id, version] = (rule, run)
    new = insert(RuleRun).values([run for _, run in decided.values()]).on_conflict_do_nothing()
    keys = RuleRun.rule_id, RuleRun.contact_id, RuleRun.entry
    first = work.session.execute(new.returning(*keys)).all() if decided else []
    runs = [decided[tuple(key)] for key in first]
    _perform(work, [(rule, run, leads[run["contact_id"]]) for rule, run in runs if run["result"] == "done"])


def _held(work: Any, contact_ids: set[str]) -> dict[str, Standing]:
    """The leads as they stand behind their locks, which whoever stops follow-ups takes as well."""
    ids = sorted(contact_ids)
    work.session.execute(
        select(Lead.contact_id).where(Lead.contact_id.in_(ids)).order_by(Lead.contact_id).with_for_update()
    )
    standing = func.coalesce(known_contacts.c.standing, "active")
    found = (
        select(Lead.contact_id, Lead.assigned_to, Stage.kind, Stage.name, standing)
        .join(Stage, Stage.id == Lead.stage_id)
        .outerjoin(known_contacts, known_contacts.c.contact_id == Lead.contact_id)
        .where(Lead.contact_id.in_(ids))
    )
    return {row[0]: Standing(*row) for row in work.session.execute(found)}


def _named(rule: StageRule) -> list[str]:
    told = rule.do[rule.deed]
    return [told[name] for name in ("assigned_to", "team_member_id") if told.get(name)]


def _perform(work: Any, runs: Sequence[tuple[StageRule, dict[str, Any], Standing]]) -> None:
    work.by_itself()
    made = [_follow_up(work, rule, run) for rule, run, _ in runs if rule.deed == "create_follow_up"]
    make_follow_ups(work, made)
    flagged = [(run["contact_id"], _flag(rule, run, lead)) for rule, run, lead in runs if rule.deed == "notify"]
    work.record_many(rules.lead_flagged, flagged)
    start_handing_over(
        work, [(run["contact_id"], run["team_member_id"]) for rule, run, _ in runs if rule.deed == "assign"]
    )


def _follow_up(work: Any, rule: StageRule, run: dict[str, Any]) -> FollowUp:
    told = rule.do["create_follow_up"]
    return FollowUp(
        id=run["follow_up_id"],
        contact_id=run["contact_id"],
        title=told["title"],
        note=told.get("note"),
        channel=told["channel"],
        due_at=work.now + dt.timedelta(hours=told["due_in_hours"]),
        due_told=False,
        state="open",
        assigned_to=run["team_member_id"],
        follows_lead=told.get("assigned_to") != run["team_member_id"] or run["team_member_id"] is None,
        rule_id=rule.id,
        created_at=work.now,
        created_by=None,
        version=1,
    )


def _flag(rule: StageRule, run: dict[str, Any], lead: Standing) -> dict[str, Any]:
    return {
        "rule_id": rule.id,
        "name": rule.name,
        "team_member_id": run["team_member_id"],
        "message": rule.do["notify"]["message"],
        "stage": lead.stage,
        "entry": run["entry"],
    }

"""Giving leads that came in with nobody to somebody, by the rules, one turn at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, literal, select, text
from sqlalchemy.dialects.postgresql import insert

from services.acquaintance import known_contacts
from services.pipeline.assignment.handing_over import start_handing_over
from services.pipeline.assignment.model import AssignmentRule, Choice
from services.pipeline.assignment.queries import IN_ORDER
from services.pipeline.assignment.rules import Newcomer, choose
from services.pipeline.leads.model import Lead
from services.pipeline.stages.model import Stage
from services.pipeline.team.queries import active_ones


def assign_newcomers(work: Any, events: Iterable[Any]) -> None:
    """Choose somebody for each lead, once, holding the rules: no two leads take the same turn."""
    alone = sorted({event.subject for event in events if event.data["assigned_to"] is None})
    if not alone:
        return
    # Before the rows: who configures the rules holds the table, and then wants a row.
    work.session.execute(text("LOCK TABLE assignment_rules IN ROW EXCLUSIVE MODE"))
    turns = select(AssignmentRule).where(~AssignmentRule.paused).order_by(*IN_ORDER).with_for_update()
    rules = list(work.session.scalars(turns))
    newcomers = _newcomers(work, alone) if rules else []
    if not newcomers:
        return
    members = {id for rule in rules for id in rule.team_member_ids}
    team, load = active_ones(work, members), _load(work, members)
    chosen = [(lead, choose(rules, lead, team, load)) for lead in newcomers]
    rows = [
        {"contact_id": lead.contact_id, "rule_id": by[0].id, "team_member_id": by[1], "chosen_at": work.now}
        for lead, by in chosen
        if by is not None
    ]
    if rows:
        work.session.execute(insert(Choice), rows)
        work.by_itself()
        start_handing_over(work, [(row["contact_id"], row["team_member_id"]) for row in rows], only_unassigned=True)


def _newcomers(work: Any, contact_ids: Sequence[str]) -> list[Newcomer]:
    """Those of these who stand on the board with nobody still, and for whom nobody was chosen."""
    decided = select(literal(1)).where(Choice.contact_id == Lead.contact_id)
    waiting = (
        select(Lead.contact_id, Lead.source, Lead.location)
        .join(Stage, Stage.id == Lead.stage_id)
        .outerjoin(known_contacts, known_contacts.c.contact_id == Lead.contact_id)
        .where(
            Lead.contact_id.in_(contact_ids),
            Lead.assigned_to.is_(None),
            Stage.kind == "open",
            func.coalesce(known_contacts.c.standing, "active") == "active",
            ~decided.exists(),
        )
        .order_by(Lead.entered_at, Lead.contact_id)
    )
    return [Newcomer(*row) for row in work.session.execute(waiting)]


def _load(work: Any, members: Iterable[str]) -> dict[str, int]:
    """How many leads in open stages each has, or will have as soon as contacts knows of it."""
    whose = func.coalesce(Lead.assigned_to, Choice.team_member_id)
    counted = (
        select(whose, func.count())
        .join(Stage, Stage.id == Lead.stage_id)
        .outerjoin(Choice, Choice.contact_id == Lead.contact_id)
        .outerjoin(known_contacts, known_contacts.c.contact_id == Lead.contact_id)
        .where(
            Stage.kind == "open",
            whose.in_(sorted(members)),
            func.coalesce(known_contacts.c.standing, "active") == "active",
        )
        .group_by(whose)
    )
    return dict(work.session.execute(counted).tuples().all())

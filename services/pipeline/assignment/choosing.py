"""Choosing somebody for leads that have nobody, one turn at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import delete, func, literal, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert

from services.acquaintance import known_contacts
from services.pipeline.assignment.model import AssignmentRule, Choice
from services.pipeline.assignment.queries import IN_ORDER
from services.pipeline.assignment.rules import Newcomer, choose
from services.pipeline.leads.model import Lead
from services.pipeline.stages.model import Stage
from services.pipeline.team.queries import active_ones

Chosen = list[tuple[str, str]]
"""Contact id and team member."""


def choose_for(work: Any, contact_ids: Sequence[str], *, absent: Collection[str] = ()) -> Chosen:
    """Choose for each lead once, holding the rules: no two leads take the same turn. `absent` are passed over."""
    # Before the rows: who configures the rules holds the table, and then wants a row.
    work.session.execute(text("LOCK TABLE assignment_rules IN ROW EXCLUSIVE MODE"))
    turns = select(AssignmentRule).where(~AssignmentRule.paused).order_by(*IN_ORDER).with_for_update()
    rules = list(work.session.scalars(turns))
    newcomers = _newcomers(work, contact_ids) if rules else []
    if not newcomers:
        return []
    members = {id for rule in rules for id in rule.team_member_ids}
    team, load = active_ones(work, members) - set(absent), _load(work, members)
    chosen = [(lead, choose(rules, lead, team, load)) for lead in newcomers]
    rows = [
        {"contact_id": lead.contact_id, "rule_id": by[0].id, "team_member_id": by[1], "chosen_at": work.now}
        for lead, by in chosen
        if by is not None
    ]
    if rows:
        work.session.execute(insert(Choice), rows)
    return [(row["contact_id"], row["team_member_id"]) for row in rows]


def choose_again(work: Any, refused: Sequence[tuple[str, str]], *, absent: Collection[str]) -> Chosen:
    """Choose somebody else for leads whose team member contacts refused: these choices never were."""
    chosen = tuple_(Choice.contact_id, Choice.team_member_id)
    work.session.execute(delete(Choice).where(chosen.in_([tuple(pair) for pair in refused])))
    return choose_for(work, sorted({contact_id for contact_id, _ in refused}), absent=absent)


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

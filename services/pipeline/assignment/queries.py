"""What can be asked of assignment rules."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.pages import narrowed, page_of
from contracts.errors import NotFound
from services.pipeline.assignment.model import AssignmentRule, Choice

IN_ORDER = (AssignmentRule.rank, AssignmentRule.id)


def get_assignment_rule(work: Any, request: Any) -> AssignmentRule:
    rule: AssignmentRule | None = work.session.get(AssignmentRule, request.rule_id)
    if rule is None:
        raise NotFound("There is no such rule.")
    return rule


def list_assignment_rules(work: Any, request: Any) -> dict[str, Any]:
    return page_of(work, narrowed(select(AssignmentRule), request, AssignmentRule.paused), IN_ORDER, request)


def list_choices(work: Any, request: Any) -> dict[str, Any]:
    get_assignment_rule(work, request)
    wanted = narrowed(select(Choice), request, Choice.rule_id, Choice.team_member_id)
    return page_of(work, wanted, [Choice.chosen_at.desc(), Choice.contact_id.desc()], request)

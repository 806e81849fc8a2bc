"""What can be asked of stage rules."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.pages import narrowed, page_of
from contracts.errors import NotFound
from services.acquaintance import known_contacts
from services.pipeline.rules.model import RuleRun, StageRule


def get_stage_rule(work: Any, request: Any) -> StageRule:
    rule: StageRule | None = work.session.get(StageRule, request.rule_id)
    if rule is None:
        raise NotFound("There is no such rule.")
    return rule


def list_stage_rules(work: Any, request: Any) -> dict[str, Any]:
    wanted = narrowed(select(StageRule), request, StageRule.stage_id, StageRule.when, StageRule.paused)
    return page_of(work, wanted, [StageRule.id], request)


def list_rule_runs(work: Any, request: Any) -> dict[str, Any]:
    get_stage_rule(work, request)
    named = known_contacts.c.contact_id == RuleRun.contact_id
    runs = select(*RuleRun.__table__.c, known_contacts.c.display_name).outerjoin(known_contacts, named)
    keys = [RuleRun.ran_at.desc(), RuleRun.contact_id.desc(), RuleRun.entry.desc()]
    wanted = narrowed(runs, request, RuleRun.rule_id, RuleRun.contact_id, RuleRun.result)
    page = page_of(work, wanted, keys, request)
    return page | {"items": [{**row._mapping, "display_name": row.display_name or ""} for row in page["items"]]}

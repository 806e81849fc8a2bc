"""Making, changing and removing assignment rules."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select, text

from chassis.ids import new_id
from chassis.rows import set_on
from contracts.errors import Invalid, NotFound
from contracts.pipeline import assignment
from services.pipeline.assignment.model import AssignmentRule
from services.pipeline.assignment.queries import IN_ORDER
from services.pipeline.locations.queries import location_meant
from services.pipeline.ranks import between, is_too_fine
from services.pipeline.team.queries import refuse_strangers

_CHANGEABLE = ("name", "strategy", "team_member_ids", "source", "location", "paused")


def add_assignment_rule(work: Any, request: Any) -> AssignmentRule:
    location = location_meant(work, request.location) if request.location else None
    _refuse_odd_team(work, request.team_member_ids)
    rules = _rules_to_configure(work)
    rule = AssignmentRule(
        id=new_id(),
        name=request.name,
        strategy=request.strategy,
        team_member_ids=request.team_member_ids,
        source=request.source or None,
        location=location,
        paused=request.paused,
        rank=_rank_behind(rules, request.after) if request.after else between(rules[-1].rank if rules else None, None),
        turn=0,
        created_at=work.now,
        version=1,
    )
    work.session.add(rule)
    work.record(assignment.assignment_rule_added, None, **rule.told)
    return rule


def change_assignment_rule(work: Any, request: Any) -> AssignmentRule:
    given = {name: request[name] for name in _CHANGEABLE if name in request}
    if given.get("location"):
        given["location"] = location_meant(work, given["location"])
    if "team_member_ids" in request:
        _refuse_odd_team(work, request.team_member_ids)
    rules = _rules_to_configure(work)
    rule = _of(rules, request.rule_id)
    work.expect(rule.version)
    changes = set_on(rule, given)
    if "after" in request:
        if request.after == rule.id:
            raise Invalid.field("/after", "A rule cannot stand behind itself.")
        before = [other.id for other in rules]
        rule.rank = _rank_behind([other for other in rules if other is not rule], request.after)
        after = [other.id for other in sorted(rules, key=lambda other: (other.rank, other.id))]
        if before != after:
            changes["order"] = {"before": before, "after": after}
    if changes:
        rule.version += 1
        work.record(assignment.assignment_rule_changed, None, changes=changes, **rule.told)
    return rule


def remove_assignment_rule(work: Any, request: Any) -> dict[str, Any]:
    rule = _of(_rules_to_configure(work), request.rule_id)
    work.expect(rule.version)
    work.session.delete(rule)
    work.record(assignment.assignment_rule_removed, None, **rule.told)
    return {}


def _rules_to_configure(work: Any) -> list[AssignmentRule]:
    """Read the rules in order while nobody else configures them or gives a turn."""
    work.session.execute(text("LOCK TABLE assignment_rules IN SHARE ROW EXCLUSIVE MODE"))
    return list(work.session.scalars(select(AssignmentRule).order_by(*IN_ORDER)))


def _of(rules: Sequence[AssignmentRule], rule_id: str) -> AssignmentRule:
    for rule in rules:
        if rule.id == rule_id:
            return rule
    raise NotFound("There is no such rule.")


def _rank_behind(rules: Sequence[AssignmentRule], after: str | None) -> Decimal:
    """The rank of the place right behind a rule, or of the first place."""
    ids = [rule.id for rule in rules]
    if after is not None and after not in ids:
        raise Invalid.field("/after", "There is no such rule.")
    place = ids.index(after) + 1 if after else 0
    low = rules[place - 1].rank if place else None
    rank = between(low, rules[place].rank if place < len(rules) else None)
    if not is_too_fine(rank):
        return rank
    for nth, rule in enumerate(rules, start=1):  # they are few: all of them are put further apart
        rule.rank = Decimal(nth)
    return _rank_behind(rules, after)


def _refuse_odd_team(work: Any, ids: Sequence[str]) -> None:
    if len(set(ids)) < len(ids):
        raise Invalid.field("/team_member_ids", "Name each of them once.")
    refuse_strangers(work, ids, "/team_member_ids")

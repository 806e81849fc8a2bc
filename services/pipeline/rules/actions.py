"""Making, changing and removing stage rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.ids import new_id
from chassis.rows import set_on
from contracts.errors import Invalid, NotFound
from contracts.pipeline import rules
from services.pipeline.rules.model import StageRule
from services.pipeline.stages.model import Stage
from services.pipeline.team.queries import refuse_strangers


def add_stage_rule(work: Any, request: Any) -> StageRule:
    _refuse_unknown_people(work, request.do)
    stage = work.session.get(Stage, request.stage_id, with_for_update={"read": True, "key_share": True})
    if stage is None or stage.leaving_since is not None:
        raise Invalid.field("/stage_id", "There is no such stage.")
    if stage.kind == "won":
        raise Invalid.field("/stage_id", f"{stage.name} is where leads are won, and rules stop there.")
    _refuse_odd_hours(request.when, request.after_hours)
    rule = StageRule(
        id=new_id(),
        name=request.name,
        stage_id=stage.id,
        when=request.when,
        after_hours=request.after_hours,
        do=_plain(request.do),
        paused=request.paused,
        active_since=work.now,
        created_at=work.now,
        version=1,
    )
    work.session.add(rule)
    work.record(rules.stage_rule_added, None, **rule.told)
    return rule


def change_stage_rule(work: Any, request: Any) -> StageRule:
    """Change a rule; resumed, it goes by what happens from now on."""
    if request.do:
        _refuse_unknown_people(work, request.do)
    rule = _held(work, request.rule_id)
    work.expect(rule.version)
    fields = {name: request[name] for name in ("name", "after_hours", "paused") if name in request}
    if request.do:
        fields["do"] = _plain(request.do)
    if "after_hours" in fields:
        _refuse_odd_hours(rule.when, fields["after_hours"])
    resumed = rule.paused and fields.get("paused") is False
    changes = set_on(rule, fields)
    if resumed:
        rule.active_since = work.now
    if changes:
        rule.version += 1
        work.record(rules.stage_rule_changed, None, changes=changes, **rule.told)
    return rule


def remove_stage_rule(work: Any, request: Any) -> dict[str, Any]:
    rule = _held(work, request.rule_id)
    work.expect(rule.version)
    work.session.delete(rule)
    work.record(rules.stage_rule_removed, None, **rule.told)
    return {}


def _held(work: Any, rule_id: str) -> StageRule:
    rule: StageRule | None = work.session.get(StageRule, rule_id, with_for_update=True)
    if rule is None:
        raise NotFound("There is no such rule.")
    return rule


def _refuse_unknown_people(work: Any, do: Mapping[str, Any]) -> None:
    for deed, told in do.items():
        for name in ("assigned_to", "team_member_id"):
            refuse_strangers(work, [told.get(name)], f"/do/{deed}/{name}")


def _refuse_odd_hours(when: str, after_hours: int | None) -> None:
    if when == "stood_still" and after_hours is None:
        raise Invalid.field("/after_hours", "Say how long a lead stands still before this happens.")
    if when == "entered" and after_hours is not None:
        raise Invalid.field("/after_hours", "A rule on entering happens at once.")


def _plain(do: Mapping[str, Any]) -> dict[str, Any]:
    return {deed: dict(told) for deed, told in do.items()}

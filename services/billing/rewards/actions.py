"""Saying what a referral earns."""

from __future__ import annotations

from typing import Any

from chassis.rows import changes_between
from chassis.work import Work
from contracts.billing import rewards as told
from contracts.errors import Invalid
from contracts.language import Request
from services.billing.rewards.queries import rule_of, rule_shown, rule_terms


def change_reward_rule(work: Work, request: Request) -> dict[str, Any]:
    """Say it anew; what was earned stays as it was earned."""
    rule = rule_of(work, lock=True)
    work.expect(rule.version)
    before = rule_terms(rule)
    after = before | {name: request[name] for name in before if name in request}
    if after["kind"] == told.FREE_CYCLE and after["credit"] is not None:
        raise Invalid.field("/credit", "A free cycle has no amount: say null.")
    if after != before:
        credit = after["credit"]
        rule.kind = after["kind"]
        rule.amount, rule.currency = (credit["amount"], credit["currency"]) if credit else (None, None)
        rule.version += 1
        work.record(told.reward_rule_changed, None, version=rule.version, changes=changes_between(before, after))
    return rule_shown(rule)

"""Saying what a referral earns."""

from __future__ import annotations

from typing import Any

from chassis.work import Work
from contracts.billing import rewards as told
from contracts.language import Request
from services.billing.rewards.queries import rule_amount, rule_of, rule_shown


def change_reward_rule(work: Work, request: Request) -> dict[str, Any]:
    """Say it anew; what was earned stays as it was earned."""
    rule = rule_of(work, lock=True)
    work.expect(rule.version)
    before = rule_amount(rule)
    after = request.credit if "credit" in request else before
    if after != before:
        rule.amount, rule.currency = (after["amount"], after["currency"]) if after else (None, None)
        rule.version += 1
        changes = {"credit": {"before": before, "after": rule_amount(rule)}}
        work.record(told.reward_rule_changed, None, version=rule.version, changes=changes)
    return rule_shown(rule)

"""What referrals earn, and earned."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.pages import keys_for, narrowed, page_of
from chassis.work import Work
from contracts.language import Request
from services.billing.base import money
from services.billing.rewards.model import Reward, RewardRule


def get_reward_rule(work: Work, request: Request) -> dict[str, Any]:
    """What a referral earns now."""
    return rule_shown(rule_of(work))


def rule_of(work: Work, *, lock: bool = False) -> RewardRule:
    """The one row."""
    return work.session.get_one(RewardRule, True, with_for_update=lock)


def rule_shown(rule: RewardRule) -> dict[str, Any]:
    """The rule as the contract says it."""
    return {"credit": rule_amount(rule), "version": rule.version}


def rule_amount(rule: RewardRule) -> dict[str, Any] | None:
    """What it gives, or None."""
    return None if rule.amount is None or rule.currency is None else money(rule.amount, rule.currency)


def list_rewards(work: Work, request: Request) -> dict[str, Any]:
    """What was earned, whether or not it was taken back."""
    statement = narrowed(select(Reward).where(Reward.state.is_not(None)), request, Reward.contact_id, Reward.state)
    page = page_of(work, statement, keys_for(request.sort, oldest=[Reward.id]), request)
    return page | {"items": [_shown(reward) for reward in page["items"]]}


def _shown(reward: Reward) -> dict[str, Any]:
    names = ("id", "contact_id", "referral_id", "referred_id", "referred_name", "state", "earned_at", "taken_back_at")
    credit = money(reward.amount or 0, reward.currency or "")
    return {name: getattr(reward, name) for name in names} | {"credit": credit, "reason": reward.reason}

"""What referrals earn, and earned."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.pages import keys_for, narrowed, page_of
from chassis.work import Work
from contracts.language import Request
from services.billing.base import money
from services.billing.rewards.model import Reward, RewardRule
from services.billing.subscriptions.free_cycles import FreeCycle


def get_reward_rule(work: Work, request: Request) -> dict[str, Any]:
    """What a referral earns now."""
    return rule_shown(rule_of(work))


def rule_of(work: Work, *, lock: bool = False) -> RewardRule:
    """The one row."""
    return work.session.get_one(RewardRule, True, with_for_update=lock)


def rule_shown(rule: RewardRule) -> dict[str, Any]:
    """The rule as the contract says it."""
    return rule_terms(rule) | {"version": rule.version}


def rule_terms(rule: RewardRule) -> dict[str, Any]:
    """What it gives."""
    return {"kind": rule.kind, "credit": amount_of(rule)}


def amount_of(given: RewardRule | Reward) -> dict[str, Any] | None:
    """The credit that is given, or None."""
    return None if given.amount is None or given.currency is None else money(given.amount, given.currency)


def list_rewards(work: Work, request: Request) -> dict[str, Any]:
    """What was earned, whether or not it was taken back."""
    statement = narrowed(select(Reward).where(Reward.state.is_not(None)), request, Reward.contact_id, Reward.state)
    page = page_of(work, statement, keys_for(request.sort, oldest=[Reward.id]), request)
    given = [reward.free_cycle_id for reward in page["items"] if reward.free_cycle_id]
    cycles = work.session.scalars(select(FreeCycle).where(FreeCycle.id.in_(given))) if given else ()
    by_id = {cycle.id: cycle for cycle in cycles}
    return page | {"items": [_shown(reward, by_id.get(reward.free_cycle_id or "")) for reward in page["items"]]}


def _shown(reward: Reward, cycle: FreeCycle | None) -> dict[str, Any]:
    names = (
        "id", "contact_id", "referral_id", "referred_id", "referred_name", "state", "kind", "earned_at",
        "taken_back_at", "reason",
    )  # fmt: skip
    return {name: getattr(reward, name) for name in names} | {"credit": amount_of(reward), "free_cycle": cycle}

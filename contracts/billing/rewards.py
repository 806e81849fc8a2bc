"""What a contact gets for bringing others along who become customers (B12)."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from contracts.billing.payments import PositiveMoney
from contracts.errors import Invalid, Stale
from contracts.language import Changes, Event, Id, Moment, Money, PageRequest, Rpc, Schema, Sort, page_of

REWARD_STATES = ("earned", "taken_back")
CREDIT, FREE_CYCLE = "credit", "free_cycle"
REWARD_KINDS = (CREDIT, FREE_CYCLE)


def _kind(**more: Any) -> fields.String:
    told = {"description": "`credit` of an amount, or `free_cycle`: the next cycle that falls due costs nothing"}
    return fields.String(validate=validate.OneOf(REWARD_KINDS), metadata=told, **more)


class RewardRule(Schema):
    """What each referral earns from now on. Of the kind `credit`, null means nothing; a `free_cycle` has no amount."""

    kind = _kind(required=True)
    credit = fields.Nested(Money, required=True, allow_none=True)
    version = fields.Integer(required=True)


class ChangeRewardRule(Schema):
    """A merge patch: from an amount to a free cycle takes both members, `credit` null."""

    kind = _kind()
    credit = fields.Nested(PositiveMoney, allow_none=True)


class UseOfFreeCycle(Schema):
    """`renewal_id` is the cycle that cost nothing; while both are null it waits for the next one."""

    used_at = Moment(required=True, allow_none=True)
    renewal_id = Id(required=True, allow_none=True)


class Reward(Schema):
    """`credit` is null of a free cycle, and `free_cycle` of credit."""

    id = Id(required=True)
    contact_id = Id(required=True, metadata={"description": "who referred"})
    referral_id = Id(required=True)
    referred_id = Id(required=True)
    referred_name = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(REWARD_STATES))
    kind = _kind(required=True)
    credit = fields.Nested(Money, required=True, allow_none=True)
    free_cycle = fields.Nested(UseOfFreeCycle, required=True, allow_none=True)
    earned_at = Moment(required=True)
    taken_back_at = Moment(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)


class ListRewards(PageRequest):
    contact_id = Id()
    state = fields.String(validate=validate.OneOf(REWARD_STATES))
    sort = Sort("newest", "oldest")


get_reward_rule = Rpc("billing", "get_reward_rule", needs="billing.read", gives=RewardRule, writes=False)
change_reward_rule = Rpc(
    "billing", "change_reward_rule", needs="packages.manage", takes=ChangeRewardRule, gives=RewardRule,
    raises=(Invalid, Stale), about="What was earned before stays as it was earned.",
)  # fmt: skip
list_rewards = Rpc(
    "billing", "list_rewards", needs="billing.read", takes=ListRewards, gives=page_of(Reward), raises=(Invalid,),
    writes=False,
)  # fmt: skip


class RewardTold(Schema):
    """The subject is who referred; of a free cycle `credit` is null."""

    reward_id = Id(required=True)
    referral_id = Id(required=True)
    referred_name = fields.String(required=True)
    kind = _kind(load_default=CREDIT)
    credit = fields.Nested(Money, required=True, allow_none=True)
    reason = fields.String(allow_none=True)


class RewardRuleChanged(Schema):
    version = fields.Integer(required=True)
    changes = Changes()


reward_earned = Event("billing", "reward.earned", data=RewardTold)
reward_taken_back = Event("billing", "reward.taken_back", data=RewardTold)
reward_rule_changed = Event("billing", "reward_rule.changed", data=RewardRuleChanged)

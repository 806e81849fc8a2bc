"""What a contact gets for bringing others along who become customers (B12)."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.billing.payments import PositiveMoney
from contracts.errors import Invalid, Stale
from contracts.language import Changes, Event, Id, Moment, Money, PageRequest, Rpc, Schema, Sort, page_of

REWARD_STATES = ("earned", "taken_back")


class RewardRule(Schema):
    """`credit` is what each referral earns as account credit from now on; null: nothing."""

    credit = fields.Nested(Money, required=True, allow_none=True)
    version = fields.Integer(required=True)


class ChangeRewardRule(Schema):
    credit = fields.Nested(PositiveMoney, allow_none=True)


class Reward(Schema):
    id = Id(required=True)
    contact_id = Id(required=True, metadata={"description": "who referred"})
    referral_id = Id(required=True)
    referred_id = Id(required=True)
    referred_name = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(REWARD_STATES))
    credit = fields.Nested(Money, required=True)
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
    """The subject is who referred."""

    reward_id = Id(required=True)
    referral_id = Id(required=True)
    referred_name = fields.String(required=True)
    credit = fields.Nested(Money, required=True)
    reason = fields.String(allow_none=True)


class RewardRuleChanged(Schema):
    version = fields.Integer(required=True)
    changes = Changes()


reward_earned = Event("billing", "reward.earned", data=RewardTold)
reward_taken_back = Event("billing", "reward.taken_back", data=RewardTold)
reward_rule_changed = Event("billing", "reward_rule.changed", data=RewardRuleChanged)

"""The doors of rewards."""

from chassis.entrypoints import Room, hears, serves
from contracts.billing import rewards
from contracts.contacts.referrals import referral_converted, referral_removed, referral_reversed
from services.billing.rewards import actions, queries, reactions


class Rewards(Room):
    get_reward_rule = serves(rewards.get_reward_rule, queries.get_reward_rule)
    change_reward_rule = serves(rewards.change_reward_rule, actions.change_reward_rule)
    list_rewards = serves(rewards.list_rewards, queries.list_rewards)
    follow_referral = hears([referral_converted, referral_reversed, referral_removed], reactions.follow_referral)

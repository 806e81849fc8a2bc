"""The doors of referrals and buddy passes."""

from chassis.entrypoints import Room, hears, serves
from contracts.billing import rewards
from contracts.contacts import people, referrals
from services.contacts.referrals import actions, queries, reactions


class Referrals(Room):
    make_referral_code = serves(referrals.make_referral_code, actions.make_referral_code)
    get_referral_code = serves(referrals.get_referral_code, queries.get_referral_code)
    list_referrals = serves(referrals.list_referrals, queries.list_referrals)
    view_referral = serves(referrals.view_referral, queries.view_referral)
    make_buddy_pass = serves(referrals.make_buddy_pass, actions.make_buddy_pass)
    get_buddy_pass = serves(referrals.get_buddy_pass, queries.get_buddy_pass)
    list_buddy_passes = serves(referrals.list_buddy_passes, queries.list_buddy_passes)
    change_buddy_pass = serves(referrals.change_buddy_pass, actions.change_buddy_pass)
    view_buddy_pass = serves(referrals.view_buddy_pass, queries.view_buddy_pass)
    follow_referred = hears([people.contact_lifecycle_changed], reactions.follow_referred)
    note_reward = hears([rewards.reward_earned, rewards.reward_taken_back], reactions.note_reward)

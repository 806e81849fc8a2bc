"""How far the referred come, and what that earns."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from contracts.billing.rewards import reward_earned
from contracts.contacts import referrals as published
from services.contacts.contact.model import Contact
from services.contacts.referrals.model import Referral
from services.contacts.referrals.rules import settles


def follow_referred(work: Any, event: Any) -> None:
    """Note what the referred became, forwards and back; what an older version tells is past already."""
    wanted = select(Referral).where(Referral.referred_id == event.subject).with_for_update()
    referral = work.session.scalar(wanted)
    if referral is None or referral.state_version >= event.data.version:
        return
    before, referral.state, referral.state_version = referral.state, event.data.after, event.data.version
    settled = settles(before, referral.state)
    if settled is None:
        return
    referral.converted_at = event.data.since if settled == "converted" else None
    told = published.referral_converted if settled == "converted" else published.referral_reversed
    name = work.session.scalar(select(Contact.display_name).where(Contact.id == referral.referred_id))
    work.record(
        told,
        referral.contact_id,
        referral_id=referral.id,
        referred_id=referral.referred_id,
        referred_name=name,
        via=referral.via,
        before=before,
        after=referral.state,
        reason=event.data.reason,
    )


def note_reward(work: Any, event: Any) -> None:
    """Note what a referral earned, or that it was taken back; what billing told before that is past already."""
    wanted = select(Referral).where(Referral.id == event.data.referral_id).with_for_update()
    referral = work.session.scalar(wanted)
    if referral is None or referral.reward_told_at >= event.sequence:
        return
    referral.reward_state = "earned" if event.type == reward_earned.type else "taken_back"
    credit = event.data.credit or {}  # a free cycle has no amount
    referral.reward_amount, referral.reward_currency = credit.get("amount"), credit.get("currency")
    referral.reward_told_at = event.sequence

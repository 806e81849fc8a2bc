"""A referral became a customer, is none any more, or never was one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from chassis.ids import new_id
from chassis.work import Work
from contracts.billing import rewards as told
from contracts.contacts.referrals import referral_converted
from services.billing.credit.actions import hold_account, move
from services.billing.ledger import rules as books
from services.billing.rewards.model import Reward
from services.billing.rewards.queries import amount_of, rule_of
from services.billing.subscriptions.free_cycles import give_free_cycle, take_free_cycle_back

NEVER_WAS = "Who said that they were brought along took it back."


def follow_referral(work: Work, event: Any) -> None:
    """Give or take back the reward; what is older than what was heard of the referral already changes nothing."""
    reward = _held(work, event)
    if reward.told_at >= event.sequence:
        return
    reward.told_at = event.sequence
    work.by_itself()
    if event.type == referral_converted.type:
        _earn(work, reward)
    elif reward.state == "earned":
        _take_back(work, reward, event.data.get("reason") or NEVER_WAS)


def _held(work: Work, event: Any) -> Reward:
    row = {
        "id": new_id(),
        "referral_id": event.data.referral_id,
        "contact_id": event.subject,
        "referred_id": event.data.referred_id,
        "referred_name": event.data.referred_name,
        "told_at": 0,
    }
    work.session.execute(insert(Reward).values(row).on_conflict_do_nothing(index_elements=["referral_id"]))
    held = select(Reward).where(Reward.referral_id == event.data.referral_id).with_for_update()
    return work.session.scalars(held.execution_options(populate_existing=True)).one()


def _earn(work: Work, reward: Reward) -> None:
    rule = rule_of(work)
    if reward.state == "earned" or not rule.gives:
        return
    reward.state, reward.kind, reward.amount, reward.currency = "earned", rule.kind, rule.amount, rule.currency
    reward.earned_at, reward.taken_back_at, reward.reason, reward.free_cycle_id = work.now, None, None, None
    why = f"{reward.referred_name} became a customer"
    if reward.kind == told.FREE_CYCLE:
        reward.free_cycle_id = give_free_cycle(work, reward.contact_id, reason=why)
    else:
        _enter(work, reward, "reward", reward.amount or 0, reward.currency or "", why)
    _tell(work, told.reward_earned, reward)


def _take_back(work: Work, reward: Reward, reason: str) -> None:
    """Credit is taken back even where it is spent, and so is what a free cycle came to that is used already."""
    reward.state, reward.taken_back_at, reward.reason = "taken_back", work.now, reason
    if reward.free_cycle_id is None:
        _enter(work, reward, "reward_taken_back", -(reward.amount or 0), reward.currency or "", reason)
    elif used_for := take_free_cycle_back(work, reward.free_cycle_id):
        _enter(work, reward, "reward_taken_back", -used_for.amount, used_for.currency, reason)
    _tell(work, told.reward_taken_back, reward)


def _enter(work: Work, reward: Reward, kind: str, amount: int, currency: str, reason: str) -> None:
    account = hold_account(work, reward.contact_id, currency)
    move(work, account, kind, amount, books.gift(amount), reason=reason)


def _tell(work: Work, event: Any, reward: Reward) -> None:
    work.record(
        event,
        reward.contact_id,
        reward_id=reward.id,
        referral_id=reward.referral_id,
        referred_name=reward.referred_name,
        kind=reward.kind,
        credit=amount_of(reward),
        reason=reward.reason,
    )

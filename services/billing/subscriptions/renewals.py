"""The charge of a cycle: it falls due, is paid, fails, or is waived; how money comes is not known here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import or_, select

from chassis.ids import new_id
from chassis.work import Work
from contracts.billing import subscriptions as told
from contracts.language import Request
from services.billing.assignments.model import Assignment
from services.billing.ledger import rules as books
from services.billing.ledger.actions import post
from services.billing.subscriptions.model import Renewal, Subscription
from services.billing.subscriptions.queries import locked_renewal, shown_renewal, today_of
from services.billing.subscriptions.rules import A_DAY, RETRY_DAYS, next_try
from services.billing.subscriptions.telling import tell_renewal, telling

NO_CARD = "There is no card on file that could be charged."


def fall_due(work: Work, today: dt.date, *, most: int) -> int:
    """Charge the next cycle of those whose paid days are over, so many at a time; two that look at once share them."""
    due = (
        select(Subscription)
        .where(
            Subscription.state == "active",
            Subscription.open_renewal_id.is_(None),
            Subscription.next_charge_on <= today,
            or_(Subscription.ends_on.is_(None), Subscription.next_charge_on <= Subscription.ends_on),
        )
        .order_by(Subscription.next_charge_on, Subscription.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    subscriptions = list(work.session.scalars(due.execution_options(populate_existing=True)))
    for subscription in subscriptions:
        _take_up_plan(work, subscription)
        if subscription.next_charge_on is not None:
            first = subscription.next_charge_on
            subscription.cycles += 1
            charge_cycle(work, subscription, first, due_on=today, amount=subscription.price)
    return len(subscriptions)


def charge_cycle(work: Work, subscription: Subscription, first: dt.date, *, due_on: dt.date, amount: int) -> Renewal:
    """Owe a cycle that begins on this day, and that the subscription counts as charged already."""
    following = subscription.cycle.start(subscription.anchored_on, subscription.cycles)
    subscription.next_charge_on = following
    subscription.renewals += 1
    renewal = Renewal(
        id=new_id(),
        subscription_id=subscription.id,
        contact_id=subscription.contact_id,
        number=subscription.renewals,
        name=subscription.name,
        state="open",
        starts_on=first,
        until_on=(following or dt.date.max) - A_DAY,
        due_on=due_on,
        currency=subscription.currency,
        amount=amount,
        refunded=0,
        under_way=0,
        failures=0,
        next_try_on=due_on,
        version=1,
    )
    subscription.open_renewal_id = renewal.id
    work.session.add(renewal)
    post(
        work, books.sale(amount),
        contact_id=renewal.contact_id, currency=renewal.currency, cause="renewal", cause_id=renewal.id,
    )  # fmt: skip
    tell_renewal(work, told.renewal_due, renewal)
    return renewal


def renew(work: Work, pairs: Sequence[tuple[Subscription, Renewal]], state: str = "paid") -> None:
    """These cycles are paid for, or as good as that; who was past due is so no longer."""
    today = today_of(work)
    theirs = Assignment.id.in_([subscription.assignment_id for subscription, _ in pairs])
    assignments = {each.id: each for each in work.session.scalars(select(Assignment).where(theirs))}
    for subscription, renewal in pairs:
        renewal.settle(state, work.now)
        if subscription.open_renewal_id != renewal.id:  # it is over meanwhile
            continue
        with telling(work, subscription, told.subscription_renewed):
            _begin_when_paid(subscription, renewal, today)
            subscription.open_renewal_id = subscription.past_due_since = None
            subscription.expires_on = renewal.until_on
            if subscription.state == "past_due":
                subscription.state = "active"
        if assignments[subscription.assignment_id].state == "active":
            assignments[subscription.assignment_id].expires_on = subscription.expires_on


def fail(work: Work, subscription: Subscription, renewal: Renewal, reason: str) -> None:
    """It was not paid on this day; after the last day that it is tried the subscription is past due."""
    renewal.failures += 1
    renewal.reason = reason[:500]
    renewal.next_try_on = next_try(renewal.due_on, renewal.failures)
    renewal.version += 1
    tell_renewal(work, told.renewal_failed, renewal)
    if renewal.failures > len(RETRY_DAYS) and subscription.state == "active":
        with telling(work, subscription, told.subscription_past_due, renewal.reason):
            subscription.state = "past_due"
            subscription.past_due_since = today_of(work)


def waive_renewal(work: Work, request: Request) -> dict[str, Any]:
    """Let a cycle be as good as paid; waiving twice is harmless."""
    subscription, renewal = locked_renewal(work, request.renewal_id)
    if renewal.state == "waived":
        return shown_renewal(renewal)
    work.expect(renewal.version)
    renewal.must_be_open()
    renew(work, [(subscription, renewal)], "waived")
    _strike(work, renewal)
    return shown_renewal(renewal)


def owe_no_longer(work: Work, subscription: Subscription, renewal: Renewal) -> None:
    """Nobody wants the cycle any more."""
    renewal.settle("waived", work.now)
    subscription.open_renewal_id = None
    _strike(work, renewal)


def _strike(work: Work, renewal: Renewal) -> None:
    """It was never sold, and is not owed."""
    post(
        work, books.cancellation(renewal.amount),
        contact_id=renewal.contact_id, currency=renewal.currency, cause="waiver",
        cause_id=str(uuid5(UUID(renewal.id), "waived")),
    )  # fmt: skip
    tell_renewal(work, told.renewal_waived, renewal)


def _take_up_plan(work: Work, subscription: Subscription) -> None:
    """Terms that were planned hold from this charge on; days that pauses moved are counted from here."""
    first, planned, before = subscription.next_charge_on, subscription.planned, subscription.cycle
    if first is None:
        return
    if planned is not None:
        with telling(work, subscription, told.subscription_changed):
            take_terms(subscription, planned)
            subscription.planned = None
            if not subscription.price:
                subscription.next_charge_on = subscription.expires_on = None
    if subscription.moved_days or subscription.cycle != before or not subscription.price:
        subscription.begin_cycles(first, charged=0)


def take_terms(subscription: Subscription, terms: dict[str, Any]) -> None:
    """Put the subscription on these terms, as the contract says them."""
    price, cycle = terms["price"], terms["cycle"]
    for name in ("package_id", "package_version", "name"):
        setattr(subscription, name, terms[name])
    subscription.price, subscription.currency = price["amount"], price["currency"]
    subscription.cycle_unit, subscription.cycle_count = cycle["unit"], cycle["count"]


def _begin_when_paid(subscription: Subscription, renewal: Renewal, today: dt.date) -> None:
    """A cycle that is over before it is paid begins on the day of the payment: nobody pays for days that they lacked.

    One whose days were bought by an order meanwhile comes after those.
    """
    first = max(renewal.starts_on, (subscription.expires_on or dt.date.min) + A_DAY)
    if renewal.until_on < today:
        first = max(first, today)
    if first == renewal.starts_on:
        return
    ends_with_it = subscription.ends_on == renewal.until_on
    subscription.begin_cycles(first, charged=1)
    renewal.starts_on = first
    renewal.until_on = (subscription.next_charge_on or dt.date.max) - A_DAY
    if ends_with_it:
        subscription.ends_on = renewal.until_on

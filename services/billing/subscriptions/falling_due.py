"""The cycles that follow those which are over: many fall due at once, and one that breaks holds up no other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import or_, select, update

from chassis import telemetry
from chassis.halving import broken_of
from chassis.work import Work
from services.billing.assignments.model import Assignment
from services.billing.subscriptions.free_cycles import FreeCycle, hold_free_cycles, use_free_cycles
from services.billing.subscriptions.model import Subscription
from services.billing.subscriptions.queries import not_archived
from services.billing.subscriptions.renewals import Charge, charge_cycles
from services.billing.subscriptions.terms import take_up_plan

AFTER_TROUBLE = dt.timedelta(minutes=10)
"""After which one is looked at again whose charge broke, so that somebody has to look."""
log = telemetry.logger(__name__)


def fall_due(work: Work, today: dt.date, *, most: int) -> None:
    """Charge the next cycle of those whose paid days are over, so many at a time; two that look at once share them."""
    due = (
        select(Subscription)
        .where(
            Subscription.state == "active",
            Subscription.open_renewal_id.is_(None),
            Subscription.next_charge_on <= today,
            or_(Subscription.ends_on.is_(None), Subscription.next_charge_on <= Subscription.ends_on),
            or_(Subscription.left_alone_until.is_(None), Subscription.left_alone_until <= work.now),
            not_archived(Subscription.contact_id),
        )
        .order_by(Subscription.next_charge_on, Subscription.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    subscriptions = list(work.session.scalars(due.execution_options(populate_existing=True)))
    if subscriptions:
        given = hold_free_cycles(work, {one.contact_id for one in subscriptions})  # before the first number is drawn
        broken = broken_of(work, subscriptions, lambda some: _charge_next_cycles(work, some, given, today))
        for subscription, error in broken:
            log.error("subscription not charged", subscription=subscription.id, exc_info=error)
            subscription.left_alone_until = work.now + AFTER_TROUBLE


def _charge_next_cycles(
    work: Work, subscriptions: Sequence[Subscription], given: Sequence[FreeCycle], today: dt.date
) -> None:
    charges, free = [], []
    for subscription in subscriptions:
        take_up_plan(work, subscription)
        if subscription.next_charge_on is None:
            free.append(subscription.assignment_id)
        else:
            charges.append(_cycle_after(subscription, subscription.next_charge_on))
    if free:
        work.session.execute(update(Assignment).where(Assignment.id.in_(free)).values(expires_on=None))
    if charges:
        renewals = charge_cycles(work, charges, due_on=today)
        due = [(one.subscription, renewal) for one, renewal in zip(charges, renewals, strict=True)]
        use_free_cycles(work, given, due)
        work.wake()


def _cycle_after(subscription: Subscription, first: dt.date) -> Charge:
    subscription.cycles += 1
    subscription.next_charge_on = subscription.cycle.start(subscription.anchored_on, subscription.cycles)
    sold = (subscription.package_id, subscription.package_version)
    return Charge(subscription, first, subscription.next_charge_on, subscription.price, subscription.name, sold)

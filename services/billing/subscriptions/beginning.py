"""How a subscription begins with what was paid, or is bought ahead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import select

from chassis.ids import new_id
from chassis.work import Work
from contracts.billing import subscriptions as told
from services.billing.assignments.actions import Begun
from services.billing.assignments.model import Assignment
from services.billing.packages.model import PackageVersion
from services.billing.subscriptions.model import RUNNING, Subscription
from services.billing.subscriptions.paid_days import Before, note_paid_days
from services.billing.subscriptions.queries import once_resumed, today_of
from services.billing.subscriptions.renewals import forgo_open_charge
from services.billing.subscriptions.rules import A_DAY, Cycle
from services.billing.subscriptions.telling import tell, telling


def begin_subscriptions(work: Work, begun: Sequence[Begun], items: Mapping[str, str]) -> None:
    """Let memberships with a cycle go on by themselves; one that the contact has already is only bought ahead.

    The contact's are held: of two orders at once the second finds what the first began. `items` says of each
    assignment as what it was sold.
    """
    memberships = [one for one in begun if one.version.cycle_unit is not None]
    if not memberships:
        return
    running = _running(work, [one.assignment for one in memberships])
    for one in memberships:
        subscription, first, before = running.get(one.assignment.package_id), one.first, None
        if subscription is None:
            subscription = running[one.assignment.package_id] = _begin(work, *one)
        elif subscription.price:
            cycle = Cycle(one.version.cycle_unit or "month", one.version.cycle_count or 1)
            before = Before(None if subscription.moved_days else subscription.anchored_on, subscription.ends_on)
            first = _buy_ahead(work, subscription, one.assignment, cycle)
        else:
            continue
        by = one.assignment.id
        note_paid_days(
            work, subscription, first, subscription.expires_on, sold_as=items.get(by), assignment_id=by, before=before
        )


def _running(work: Work, assignments: Sequence[Assignment]) -> dict[str, Subscription]:
    """The contact's subscriptions of these packages, by package."""
    packages = Subscription.package_id.in_([assignment.package_id for assignment in assignments])
    mine = (Subscription.contact_id == assignments[0].contact_id) & Subscription.state.in_(RUNNING)
    found = select(Subscription).where(mine, packages).order_by(Subscription.id.desc()).with_for_update()
    fresh = found.execution_options(populate_existing=True)
    return {each.package_id: each for each in work.session.scalars(fresh)}


def _begin(work: Work, assignment: Assignment, version: PackageVersion, first: dt.date) -> Subscription:
    assert version.cycle_unit is not None
    assert version.cycle_count is not None
    assert assignment.since is not None
    subscription = Subscription(
        id=new_id(),
        contact_id=assignment.contact_id,
        assignment_id=assignment.id,
        package_id=version.package_id,
        package_version=version.version,
        name=version.name,
        currency=version.currency,
        price=version.price,
        cycle_unit=version.cycle_unit,
        cycle_count=version.cycle_count,
        state="active",
        started_on=assignment.since,
        expires_on=assignment.expires_on,
        committed_until=committed_until(version, first),
        seats=version.seats,
        seats_taken=1,
        renewals=0,
        version=1,
    )
    subscription.begin_cycles(first, charged=assignment.quantity)
    assignment.renews = True
    work.session.add(subscription)
    work.session.flush()  # what its paid days point at
    tell(work, subscription, told.subscription_begun, {}, None)
    return subscription


def committed_until(version: PackageVersion, first: dt.date) -> dt.date | None:
    """The last day of the cycles that the package commits to, counted from this day."""
    cycle = Cycle(version.cycle_unit or "month", version.cycle_count or 1)
    return None if version.commitment is None else cycle.last_day(first, version.commitment - 1)


def _buy_ahead(work: Work, subscription: Subscription, assignment: Assignment, sold: Cycle) -> dt.date:
    """What an order pays for is not charged again: an open charge is owed no longer, the next comes that much later.

    As many days as were sold, also where the subscription is on other terms since the order was placed; the first.
    """
    with telling(work, subscription, told.subscription_prepaid):
        forgo_open_charge(work, subscription)
        first = max(subscription.paused_on or today_of(work), (subscription.expires_on or dt.date.min) + A_DAY)
        following = sold.start(first, assignment.quantity)
        if sold == subscription.cycle:
            subscription.begin_cycles(first, charged=assignment.quantity)
        else:
            subscription.begin_cycles(following or dt.date.max, charged=0)
        until = following and following - A_DAY
        subscription.expires_on = until
        assignment.expires_on = once_resumed(subscription, until)
        if subscription.ends_on and until:
            subscription.ends_on = max(subscription.ends_on, until)
        if subscription.state == "past_due":
            subscription.state, subscription.past_due_since = "active", None
    return first

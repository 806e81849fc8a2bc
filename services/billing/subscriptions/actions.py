"""What can be done with a subscription: pause it, resume it, put it on other terms, cancel it, or not after all."""

from __future__ import annotations

import datetime as dt
from typing import Any

from chassis.work import Work
from contracts.billing import subscriptions as told
from contracts.errors import Conflict, Forbidden, Invalid
from contracts.language import Request
from services.billing.assignments.actions import end
from services.billing.assignments.model import Assignment
from services.billing.subscriptions.lasting import last_as_paid
from services.billing.subscriptions.model import Renewal, Subscription
from services.billing.subscriptions.paid_days import days_ahead
from services.billing.subscriptions.queries import (
    MOVED_BY_PAUSES,
    expiry_of,
    locked_subscription,
    shown,
    today_of,
)
from services.billing.subscriptions.renewals import forgo_open_change, forgo_open_charge
from services.billing.subscriptions.rules import A_DAY, shifted
from services.billing.subscriptions.seats import vacate_all
from services.billing.subscriptions.telling import telling

LONGEST_PAUSE = 730


def pause_subscription(work: Work, request: Request) -> dict[str, Any]:
    """Stand still from today on: nothing is charged, no day is used up."""
    subscription = _asked_for(work, request)
    today = today_of(work)
    subscription.must_run()
    subscription.must_be("active", "is paused")
    subscription.must_owe_nothing("is paused")
    resumes_on = request.resumes_on
    if resumes_on is not None and not 0 < (resumes_on - today).days <= LONGEST_PAUSE:
        raise Invalid.field("/resumes_on", f"A pause ends after {today}, and within {LONGEST_PAUSE} days.")
    with telling(work, subscription, told.subscription_paused, request.reason or None):
        subscription.state, subscription.paused_on, subscription.resumes_on = "paused", today, resumes_on
    last_as_paid(work, subscription, days_ahead(work, subscription, today))
    return shown(work, subscription)


def resume_subscription(work: Work, request: Request) -> dict[str, Any]:
    """Go on from today: every day that lay ahead comes by as much later as the pause lasted."""
    subscription = _asked_for(work, request)
    subscription.must_run()
    subscription.must_be("paused", "is resumed")
    resume(work, subscription, today_of(work))
    return shown(work, subscription)


def resume(work: Work, subscription: Subscription, today: dt.date) -> None:
    """Go on from this day."""
    assert subscription.paused_on is not None
    with telling(work, subscription, told.subscription_resumed):
        for name in MOVED_BY_PAUSES:
            ahead = getattr(subscription, name)
            moved = shifted(ahead, paused_on=subscription.paused_on, resumed_on=today)
            setattr(subscription, name, moved)
        subscription.moved_days += (today - subscription.paused_on).days
        subscription.state, subscription.paused_on, subscription.resumes_on = "active", None, None
    last_as_paid(work, subscription, days_ahead(work, subscription, today))


def cancel_subscription(work: Work, request: Request) -> dict[str, Any]:
    """End it now, or with what is paid for and committed to."""
    subscription = _asked_for(work, request)
    subscription.must_run()
    reason = request.reason or None
    if request.force and not work.actor.may("subscriptions.force"):
        raise Forbidden("Ending a membership before its commitment is over needs the permission subscriptions.force.")
    if request.when == told.NOW:
        _cancel_now(work, subscription, reason, forced=request.force)
        return shown(work, subscription)
    if subscription.ends_on is not None:
        raise Conflict.field("/subscription_id", f"The subscription is cancelled already, for {subscription.ends_on}.")
    with telling(work, subscription, told.subscription_cancellation_planned, reason):
        forgo_open_change(work, subscription)
        subscription.ends_on = _last_day(work, subscription, forced=request.force)
    return shown(work, subscription)


def withdraw_cancellation(work: Work, request: Request) -> dict[str, Any]:
    """Go on after all."""
    subscription = _asked_for(work, request)
    subscription.must_run()
    if subscription.ends_on is None:
        raise Conflict.field("/subscription_id", "The subscription is not cancelled.")
    with telling(work, subscription, told.subscription_cancellation_withdrawn):
        subscription.ends_on = None
    return shown(work, subscription)


def finish(work: Work, subscription: Subscription, assignment: Assignment, state: str, reason: str) -> None:
    """It is over, and what it gave with it; a cycle that nobody paid is not given, and not owed."""
    event = told.subscription_cancelled if state == "cancelled" else told.subscription_expired
    with telling(work, subscription, event, reason):
        forgo_open_charge(work, subscription)
        vacate_all(work, subscription, reason=reason, state=state)
        subscription.end(state, subscription.ends_on or today_of(work))
    assignment.expires_on = expiry_of(subscription)
    end(work, assignment, reason=reason, ended_at=work.now)


def _asked_for(work: Work, request: Request) -> Subscription:
    subscription = locked_subscription(work, request.subscription_id)
    work.expect(subscription.version)
    return subscription


def _cancel_now(work: Work, subscription: Subscription, reason: str | None, *, forced: bool) -> None:
    today = today_of(work)
    committed = subscription.committed_until
    if committed is not None and committed >= today and not forced:
        raise Conflict.field("/when", f"The contact is committed until {committed}.")
    forgo_open_charge(work, subscription)
    if subscription.open_renewal_id is not None:
        raise Conflict.field("/when", "Its last charge is being paid just now; cancel at the end of the cycle.")
    subscription.ends_on = today
    assignment = work.session.get_one(Assignment, subscription.assignment_id)
    finish(work, subscription, assignment, "cancelled", f"it was cancelled: {reason}" if reason else "it was cancelled")


def _last_day(work: Work, subscription: Subscription, *, forced: bool) -> dt.date:
    """The last day that is paid for or charged, or of the cycle in which the commitment ends."""
    until = subscription.expires_on
    if subscription.open_renewal_id is not None:
        until = work.session.get_one(Renewal, subscription.open_renewal_id).until_on
    if until is None:
        until = subscription.end_of_cycle(today_of(work))
    committed = subscription.committed_until
    if committed is None or committed <= until or forced:
        return until
    return subscription.end_of_cycle(max(committed, until + A_DAY))

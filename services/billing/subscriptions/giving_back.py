"""What becomes of memberships when an order is given back or never paid: what it began is over, days ahead go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from sqlalchemy import exists, or_, select

from chassis.work import Work
from contracts.billing import subscriptions as told
from services.billing.assignments.model import Assignment
from services.billing.subscriptions.lasting import Ahead, last_as_paid
from services.billing.subscriptions.model import RUNNING, PaidDays, Renewal, Subscription
from services.billing.subscriptions.paid_days import days_ahead
from services.billing.subscriptions.queries import today_of
from services.billing.subscriptions.renewals import forgo_open_charge
from services.billing.subscriptions.rules import A_DAY
from services.billing.subscriptions.seats import vacate_all
from services.billing.subscriptions.telling import telling


def stop_subscriptions(work: Work, sold: Mapping[str, str], *, reason: str, never_was: bool) -> set[str]:
    """Take the days that nobody used of these assignments, each with what it was sold as; `never_was`: as if not had.

    A subscription that began with one is over at once, its open charge not owed; but where this day or those ahead were
    paid for otherwise, it goes on with those. Tell the assignments that are had on for that, as none takes their place.
    """
    today = today_of(work)
    had_on: set[str] = set()
    bought_ahead = select(PaidDays.subscription_id).where(PaidDays.sold_as.in_(sold.values()))
    theirs = or_(Subscription.assignment_id.in_(sold), Subscription.id.in_(bought_ahead))
    held = select(Subscription).where(theirs, Subscription.state.in_(RUNNING)).order_by(Subscription.id)
    for subscription in work.session.scalars(held.with_for_update().execution_options(populate_existing=True)).all():
        ahead = days_ahead(work, subscription, today)
        lost = [(days, left) for days, left in ahead if days.sold_as in sold.values()]
        kept = [(days, left) for days, left in ahead if (days, left) not in lost]
        begun_by = subscription.assignment_id
        if begun_by in sold:
            begun_by = _kept_by(work, subscription, sold, today) or ""
        if not begun_by:
            _stop(work, subscription, reason, today, never_was=never_was)
        elif lost or begun_by != subscription.assignment_id:
            _shorten(work, subscription, reason, begun_by, lost, kept)
        if begun_by in sold:
            had_on.add(begun_by)
    return had_on


def _stop(work: Work, subscription: Subscription, reason: str, today: dt.date, *, never_was: bool) -> None:
    with telling(work, subscription, told.subscription_cancelled, reason):
        forgo_open_charge(work, subscription)
        vacate_all(work, subscription, reason=reason, reversed=never_was)
        subscription.end("cancelled", today)


def _kept_by(work: Work, subscription: Subscription, sold: Mapping[str, str], today: dt.date) -> str | None:
    """The assignment of the first other order that paid for this day or later; its own, where renewals alone did."""
    paid = [days for days, _ in days_ahead(work, subscription, today - A_DAY) if days.sold_as not in sold.values()]
    others = [days.assignment_id for days in reversed(paid) if days.assignment_id not in (None, *sold)]
    active = select(Assignment.id).where(Assignment.id.in_(others), Assignment.state == "active")
    found = set(work.session.scalars(active.with_for_update()))
    other = next((id for id in others if id in found), None)
    return subscription.assignment_id if other is None and _is_renewed(work, paid) else other


def _is_renewed(work: Work, paid: Iterable[PaidDays]) -> bool:
    """Whether a renewal paid for some of these days, and its money was not given back."""
    standing = Renewal.id.in_([days.sold_as for days in paid]) & (Renewal.state == "paid")
    return bool(work.session.scalar(select(exists().where(standing))))


def _shorten(work: Work, subscription: Subscription, reason: str, begun_by: str, lost: Ahead, kept: Ahead) -> None:
    """Take these days away; what others paid for comes so much sooner, and so does the next charge.

    Other terms that wait for their payment were reckoned with these days: they are wanted no longer.
    """
    assert subscription.expires_on is not None
    with telling(work, subscription, told.subscription_shortened, reason):
        if lost:
            forgo_open_charge(work, subscription)
        subscription.assignment_id = begun_by
        until = subscription.expires_on - sum(left for _, left in lost) * A_DAY
        if subscription.ends_on == subscription.expires_on:
            subscription.ends_on = max([until, *(days.ending_before for days, _ in lost if days.ending_before)])
        subscription.expires_on = until
        anchors = [days.anchored_before for days, _ in lost if days.anchored_before]
        subscription.charge_next_on(until + A_DAY, anchors=anchors)
        for days, left in lost:
            _use_up(work, days, left)
        last_as_paid(work, subscription, kept)


def _use_up(work: Work, days: PaidDays, left: int) -> None:
    """Keep those that were used."""
    if days.days == left:
        work.session.delete(days)
    else:
        days.days -= left

"""Taking up other terms: those that were planned, or those whose first cycle is paid now."""

from __future__ import annotations

import datetime as dt
from typing import Any

from chassis.work import Work
from contracts.billing import subscriptions as told
from services.billing.subscriptions.model import Renewal, Subscription
from services.billing.subscriptions.rules import A_DAY
from services.billing.subscriptions.telling import telling


def take_terms(subscription: Subscription, terms: dict[str, Any]) -> None:
    """Put the subscription on these terms, as the contract says them."""
    price, cycle = terms["price"], terms["cycle"]
    for name in ("package_id", "package_version", "name"):
        setattr(subscription, name, terms[name])
    subscription.price, subscription.currency = price["amount"], price["currency"]
    subscription.cycle_unit, subscription.cycle_count = cycle["unit"], cycle["count"]
    subscription.seats = terms.get("seats", subscription.seats)
    subscription.planned = None


def take_up_plan(work: Work, subscription: Subscription) -> None:
    """Terms that were planned hold from this charge on; days that pauses moved are counted from here."""
    first, planned, before = subscription.next_charge_on, subscription.planned, subscription.cycle
    if first is None:
        return
    if planned is not None:
        with telling(work, subscription, told.subscription_changed):
            take_terms(subscription, planned)
            if not subscription.price:
                subscription.next_charge_on = subscription.expires_on = None
    if subscription.moved_days or subscription.cycle != before or not subscription.price:
        subscription.begin_cycles(first, charged=0)


def take_up_change(subscription: Subscription, renewal: Renewal, today: dt.date) -> None:
    """The first cycle on other terms is paid: they hold from the day on which they were asked for.

    Where that cycle is over already it begins today: nobody pays for days that they lacked.
    """
    assert subscription.planned is not None
    take_terms(subscription, subscription.planned)
    _begin(subscription, renewal, renewal.starts_on if renewal.until_on >= today else today)
    committed = renewal.commits_until
    if committed is not None:
        subscription.committed_until = max(subscription.committed_until or committed, committed)


def begin_when_paid(subscription: Subscription, renewal: Renewal, today: dt.date) -> None:
    """A cycle that is over before it is paid begins on the day of the payment: nobody pays for days that they lacked.

    One whose days were bought by an order meanwhile comes after those.
    """
    first = max(renewal.starts_on, (subscription.expires_on or dt.date.min) + A_DAY)
    if renewal.until_on < today:
        first = max(first, today)
    if first == renewal.starts_on:
        return
    ends_with_it = subscription.ends_on == renewal.until_on
    _begin(subscription, renewal, first)
    if ends_with_it:
        subscription.ends_on = renewal.until_on


def _begin(subscription: Subscription, renewal: Renewal, first: dt.date) -> None:
    subscription.begin_cycles(first, charged=1)
    renewal.starts_on = first
    renewal.until_on = (subscription.next_charge_on or dt.date.max) - A_DAY

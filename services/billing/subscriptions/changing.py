"""Putting a subscription on other terms: from its next charge on, or now, with what is left taken off the price."""

from __future__ import annotations

import datetime as dt
from typing import Any

from chassis.work import Work
from contracts.billing import subscriptions as told
from contracts.errors import Conflict, Forbidden, Invalid
from contracts.language import Request
from services.billing.assignments.model import Assignment
from services.billing.base import money
from services.billing.packages.model import PackageVersion
from services.billing.packages.queries import versions_on_sale
from services.billing.subscriptions.beginning import committed_until
from services.billing.subscriptions.model import Subscription
from services.billing.subscriptions.queries import locked_subscription, shown, subscription_of, today_of
from services.billing.subscriptions.renewals import Charge, charge_cycles, renew, take_terms
from services.billing.subscriptions.rules import A_DAY, Cycle, is_cheaper, worth_left
from services.billing.subscriptions.selling import hold_memberships, refuse_second
from services.billing.subscriptions.telling import telling

Terms = dict[str, Any]
_TERMS = ("package_id", "package_version", "name", "price", "cycle")


def change_subscription(work: Work, request: Request) -> dict[str, Any]:
    """Put the subscription on other terms; those that it has been on stay with the cycles that are charged."""
    if request.package_id is not None:
        hold_memberships(work, subscription_of(work, request.subscription_id).contact_id)
    subscription = locked_subscription(work, request.subscription_id)
    work.expect(subscription.version)
    subscription.must_run()
    subscription.must_be("active", "is changed")
    subscription.must_owe_nothing("is changed")
    if subscription.ends_on is not None:
        raise Conflict.field("/subscription_id", "The subscription is cancelled; withdraw that first.")
    version = _package(work, subscription, request)
    terms = _terms(subscription, request, version)
    if terms == {name: shown(subscription)[name] for name in _TERMS}:
        raise Invalid.field("/package_id", "These are the terms that the subscription has.")
    _must_be_allowed(work, subscription, request, terms)
    reason = request.reason or None
    if request.when == told.NOW:
        _change_now(work, subscription, terms, version, reason)
    else:
        _plan(work, subscription, terms, reason)
    return shown(subscription)


def withdraw_change(work: Work, request: Request) -> dict[str, Any]:
    """Keep the terms after all."""
    subscription = locked_subscription(work, request.subscription_id)
    work.expect(subscription.version)
    subscription.must_run()
    if subscription.planned is None:
        raise Conflict.field("/subscription_id", "No other terms are planned.")
    with telling(work, subscription, told.subscription_change_withdrawn):
        subscription.planned = None
        if not subscription.price:
            subscription.next_charge_on = None
    return shown(subscription)


def _package(work: Work, subscription: Subscription, request: Request) -> PackageVersion | None:
    """The package that is asked for, as it is sold now."""
    if request.package_id is None:
        return None
    version = versions_on_sale(work, {request.package_id}).get(request.package_id)
    if version is None:
        raise Invalid.field("/package_id", "Is not a package on sale.")
    if version.cycle_unit is None:
        raise Invalid.field("/package_id", f"Is a {version.kind.replace('_', ' ')}, and no membership.")
    if version.currency != subscription.currency:
        raise Invalid.field("/package_id", f"Is sold in {version.currency}, and the subscription in another currency.")
    refuse_second(work, subscription, version.package_id)
    return version


def _terms(subscription: Subscription, request: Request, version: PackageVersion | None) -> Terms:
    """The terms that are asked for: a cycle of one's own has a price of its own."""
    if request.package_id is None and request.cycle is None and request.price is None:
        raise Invalid.field("/package_id", "Say which package, or which cycle at which price.")
    if (request.cycle is None) != (request.price is None):
        missing = "/price" if request.price is None else "/cycle"
        raise Invalid.field(missing, "A cycle is said together with its price.")
    if request.price is not None and request.price["currency"] != subscription.currency:
        raise Invalid.field("/price/currency", f"The subscription is in {subscription.currency}.")
    terms = {name: shown(subscription)[name] for name in _TERMS} if version is None else _sold(version)
    if request.cycle is None:
        return terms
    return terms | {"cycle": {**request.cycle}, "price": {**request.price}}


def _must_be_allowed(work: Work, subscription: Subscription, request: Request, terms: Terms) -> None:
    """Refuse whoever sells to make a price of their own, or to let anybody out of a commitment by a lower one."""
    if request.price is not None and not work.actor.may("packages.manage"):
        raise Forbidden("A cycle and a price of one's own need the permission packages.manage.")
    committed = subscription.committed_until
    if committed is None or committed < today_of(work) or work.actor.may("subscriptions.force"):
        return
    cycle = Cycle(terms["cycle"]["unit"], terms["cycle"]["count"])
    if is_cheaper(terms["price"]["amount"], cycle, than=(subscription.price, subscription.cycle)):
        raise Forbidden(f"The contact is committed until {committed}: less than that needs subscriptions.force.")


def _sold(version: PackageVersion) -> Terms:
    return {
        "package_id": version.package_id,
        "package_version": version.version,
        "name": version.name,
        "price": money(version.price, version.currency),
        "cycle": {"unit": version.cycle_unit, "count": version.cycle_count},
    }


def _plan(work: Work, subscription: Subscription, terms: Terms, reason: str | None) -> None:
    with telling(work, subscription, told.subscription_change_planned, reason):
        subscription.planned = terms
        if subscription.next_charge_on is None:  # it costs nothing until then
            subscription.next_charge_on = subscription.end_of_cycle(today_of(work)) + A_DAY


def _change_now(
    work: Work, subscription: Subscription, terms: Terms, version: PackageVersion | None, reason: str | None
) -> None:
    today = today_of(work)
    amount = terms["price"]["amount"] - _left(subscription, today)
    if amount < 0:
        raise Invalid.field("/when", f"More is paid for than it costs, by {-amount}; change at the end of the cycle.")
    with telling(work, subscription, told.subscription_changed, reason):
        take_terms(subscription, terms)
        subscription.planned = None
        subscription.begin_cycles(today, charged=1)
        subscription.expires_on = today - A_DAY if subscription.price else None
        committed = committed_until(version, today) if version else None
        if committed is not None:
            subscription.committed_until = max(subscription.committed_until or committed, committed)
    if subscription.price:
        [renewal] = charge_cycles(work, [Charge(subscription, today, amount)], due_on=today)
        if amount == 0:
            renew(work, [(subscription, renewal)])
    else:
        work.session.get_one(Assignment, subscription.assignment_id).expires_on = None
    work.wake()


def _left(subscription: Subscription, today: dt.date) -> int:
    """What is left of the days that are paid for."""
    if subscription.expires_on is None:
        return 0
    moved = dt.timedelta(days=subscription.moved_days)
    return worth_left(
        subscription.price, subscription.cycle, subscription.anchored_on,
        today=today - moved, paid_until=subscription.expires_on - moved,
    )  # fmt: skip

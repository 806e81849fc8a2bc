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
from services.billing.subscriptions.paid_days import worth_ahead
from services.billing.subscriptions.queries import locked_subscription, shown, standing, subscription_of, today_of
from services.billing.subscriptions.renewals import Charge, charge_cycles, forgo_open_change, renew
from services.billing.subscriptions.rules import A_DAY, Cycle, is_cheaper
from services.billing.subscriptions.selling import hold_memberships, refuse_second
from services.billing.subscriptions.telling import telling
from services.billing.subscriptions.terms import take_terms

Terms = dict[str, Any]
_TERMS = ("package_id", "package_version", "name", "price", "cycle", "seats")


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
    _must_seat(subscription, terms)
    if terms == {name: standing(subscription)[name] for name in _TERMS}:
        raise Invalid.field("/package_id", "These are the terms that the subscription has.")
    _must_be_allowed(work, subscription, request, terms)
    reason = request.reason or None
    if request.when == told.NOW:
        _change_now(work, subscription, terms, version, reason)
    else:
        _plan(work, subscription, terms, reason)
    return shown(work, subscription)


def withdraw_change(work: Work, request: Request) -> dict[str, Any]:
    """Keep the terms after all."""
    subscription = locked_subscription(work, request.subscription_id)
    work.expect(subscription.version)
    subscription.must_run()
    if subscription.planned is None:
        raise Conflict.field("/subscription_id", "No other terms are planned.")
    with telling(work, subscription, told.subscription_change_withdrawn):
        forgo_open_change(work, subscription)
        subscription.planned = None
        if not subscription.price:
            subscription.next_charge_on = None
    return shown(work, subscription)


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
    terms = {name: standing(subscription)[name] for name in _TERMS} if version is None else _sold(version)
    if request.cycle is None:
        return terms
    return terms | {"cycle": {**request.cycle}, "price": {**request.price}}


def _must_seat(subscription: Subscription, terms: Terms) -> None:
    """Refuse terms of fewer seats than are taken."""
    taken = subscription.seats_taken
    if terms["seats"] < taken:
        raise Conflict.field(
            "/package_id", f"Has seats for {terms['seats']}, and {taken} use the membership: take some off first."
        )


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
        "seats": version.seats,
    }


def _plan(work: Work, subscription: Subscription, terms: Terms, reason: str | None) -> None:
    with telling(work, subscription, told.subscription_change_planned, reason):
        subscription.planned = terms
        if subscription.next_charge_on is None:  # it costs nothing until then
            subscription.next_charge_on = subscription.end_of_cycle(today_of(work)) + A_DAY


def _change_now(
    work: Work, subscription: Subscription, terms: Terms, version: PackageVersion | None, reason: str | None
) -> None:
    """Begin a new cycle today; where something is to be paid for it, as soon as that is paid."""
    today = today_of(work)
    left = worth_ahead(work, subscription, today)
    if left is None:
        raise Invalid.field("/when", "What is left of the paid days is not known; change at the end of the cycle.")
    amount = terms["price"]["amount"] - left
    if amount < 0:
        raise Invalid.field("/when", f"More is paid for than it costs, by {-amount}; change at the end of the cycle.")
    if terms["price"]["amount"] == 0:
        _make_free(work, subscription, terms, today, reason)
        return
    with telling(work, subscription, told.subscription_change_asked, reason):
        subscription.planned = terms
    following = Cycle(terms["cycle"]["unit"], terms["cycle"]["count"]).start(today, 1)
    sold = (terms["package_id"], terms["package_version"])
    committed = committed_until(version, today) if version else None
    charge = Charge(subscription, today, following, amount, terms["name"], sold, left, committed)
    [renewal] = charge_cycles(work, [charge], due_on=today)
    if renewal.amount == 0:
        renew(work, [(subscription, renewal)])
    work.wake()


def _make_free(work: Work, subscription: Subscription, terms: Terms, today: dt.date, reason: str | None) -> None:
    """Nothing is left of what was paid, and nothing is to be paid."""
    with telling(work, subscription, told.subscription_changed, reason):
        take_terms(subscription, terms)
        subscription.begin_cycles(today, charged=1)
        subscription.expires_on = None
    work.session.get_one(Assignment, subscription.assignment_id).expires_on = None

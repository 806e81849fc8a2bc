"""The charge of a cycle: it falls due, is paid, fails, or is waived; how money comes is not known here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import or_, select, update

from chassis.ids import new_id
from chassis.work import Work
from contracts.billing import subscriptions as told
from contracts.language import Request
from services.billing.assignments.model import Assignment
from services.billing.invoices import actions as invoices
from services.billing.invoices.actions import Asked
from services.billing.invoices.queries import locked_invoices
from services.billing.invoices.rules import Line
from services.billing.packages.queries import taxes_of
from services.billing.subscriptions.model import Renewal, Subscription
from services.billing.subscriptions.queries import locked_renewal, not_archived, shown_renewal, today_of
from services.billing.subscriptions.rules import A_DAY, RETRY_DAYS, next_try
from services.billing.subscriptions.telling import tell_renewal, telling

NO_CARD = "There is no card on file that could be charged."


class Charge(NamedTuple):
    """A cycle to be charged: its first day, and its price, to which tax may come."""

    subscription: Subscription
    first: dt.date
    price: int


def fall_due(work: Work, today: dt.date, *, most: int) -> None:
    """Charge the next cycle of those whose paid days are over, so many at a time; two that look at once share them."""
    due = (
        select(Subscription)
        .where(
            Subscription.state == "active",
            Subscription.open_renewal_id.is_(None),
            Subscription.next_charge_on <= today,
            or_(Subscription.ends_on.is_(None), Subscription.next_charge_on <= Subscription.ends_on),
            not_archived(Subscription.contact_id),
        )
        .order_by(Subscription.next_charge_on, Subscription.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    subscriptions = list(work.session.scalars(due.execution_options(populate_existing=True)))
    charges, free = [], []
    for subscription in subscriptions:
        _take_up_plan(work, subscription)
        if subscription.next_charge_on is None:
            free.append(subscription.assignment_id)
        else:
            subscription.cycles += 1
            charges.append(Charge(subscription, subscription.next_charge_on, subscription.price))
    if free:
        work.session.execute(update(Assignment).where(Assignment.id.in_(free)).values(expires_on=None))
    if charges:
        charge_cycles(work, charges, due_on=today)
        work.wake()


def charge_cycles(work: Work, charges: Sequence[Charge], *, due_on: dt.date) -> list[Renewal]:
    """Owe cycles that their subscriptions count as charged already, and ask for each by an invoice."""
    taxes = taxes_of(work, {(one.subscription.package_id, one.subscription.package_version) for one in charges})
    renewals, asked = [], []
    for one in charges:
        tax = taxes[one.subscription.package_id, one.subscription.package_version]
        line = Line(name=one.subscription.name, quantity=1, unit_price=one.price, tax=tax)
        renewal = _renewal(one.subscription, one.first, due_on=due_on, amount=line.parts.total)
        renewals.append(renewal)
        asked.append(Asked(renewal.contact_id, "renewal", renewal.id, renewal.currency, [line], due_on))
        tell_renewal(work, told.renewal_due, renewal)
    work.session.add_all(renewals)
    invoices.issue_all(work, asked)
    return renewals


def _renewal(subscription: Subscription, first: dt.date, *, due_on: dt.date, amount: int) -> Renewal:
    following = subscription.cycle.start(subscription.anchored_on, subscription.cycles)
    subscription.next_charge_on = following
    subscription.renewals += 1
    subscription.open_renewal_id = new_id()
    return Renewal(
        id=subscription.open_renewal_id,
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


def renew(work: Work, pairs: Sequence[tuple[Subscription, Renewal]], state: str = "paid") -> None:
    """These cycles are paid for, or as good as that; who was past due is so no longer."""
    today = today_of(work)
    theirs = Assignment.id.in_([subscription.assignment_id for subscription, _ in pairs])
    assignments = {each.id: each for each in work.session.scalars(select(Assignment).where(theirs))}
    asked = locked_invoices(work, [renewal.id for _, renewal in pairs])
    for subscription, renewal in pairs:
        renewal.settle(state, work.now)
        if state == "paid":
            invoices.settle_from(work, asked[renewal.id], renewal.amount)
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
    renewal.next_try_on = next_try(renewal.due_on, renewal.failures, today=today_of(work))
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
    waive(work, subscription, renewal, "It was waived.")
    return shown_renewal(renewal)


def waive(work: Work, subscription: Subscription, renewal: Renewal, reason: str | None) -> None:
    """Let a cycle be as good as paid: it was never sold, and its days are given."""
    renewal.must_be_open()
    renew(work, [(subscription, renewal)], "waived")
    _strike(work, renewal, reason)


def write_off_renewal(work: Work, subscription: Subscription, renewal: Renewal, reason: str | None) -> None:
    """Nobody expects the money any more: it is lost, and the days are not given."""
    renewal.must_be_open()
    invoices.write_off(work, locked_invoices(work, [renewal.id])[renewal.id], reason)
    renewal.settle("written_off", work.now)
    subscription.open_renewal_id = None


def forgo_open_charge(work: Work, subscription: Subscription) -> None:
    """Owe the open charge no longer; while somebody is paying it, that waits for what becomes of the payment."""
    if subscription.open_renewal_id is None:
        return
    renewal = work.session.get_one(Renewal, subscription.open_renewal_id, with_for_update=True, populate_existing=True)
    if renewal.under_way:
        renewal.forgone = True
    else:
        owe_no_longer(work, subscription, renewal)


def owe_no_longer(work: Work, subscription: Subscription, renewal: Renewal) -> None:
    """Nobody wants the cycle any more."""
    renewal.settle("waived", work.now)
    if subscription.open_renewal_id == renewal.id:
        subscription.open_renewal_id = None
    _strike(work, renewal, "The cycle is not wanted any more.")


def _strike(work: Work, renewal: Renewal, reason: str | None) -> None:
    """It was never sold, and is not owed."""
    invoices.void(work, locked_invoices(work, [renewal.id])[renewal.id], reason)
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

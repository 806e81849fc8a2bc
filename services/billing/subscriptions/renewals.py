"""The charge of a cycle: it is owed, is paid, fails, or is waived; how money comes is not known here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select

from chassis.ids import new_id
from chassis.work import Work
from contracts.billing import subscriptions as told
from services.billing.assignments.model import Assignment
from services.billing.invoices import actions as invoices
from services.billing.invoices.actions import Asked
from services.billing.invoices.queries import locked_invoices
from services.billing.invoices.rules import Line
from services.billing.packages.queries import taxes_of
from services.billing.subscriptions.model import Renewal, Subscription
from services.billing.subscriptions.paid_days import note_paid_days
from services.billing.subscriptions.queries import today_of
from services.billing.subscriptions.rules import A_DAY, RETRY_DAYS, next_try
from services.billing.subscriptions.seats import sharers_of
from services.billing.subscriptions.telling import tell_renewal, telling
from services.billing.subscriptions.terms import begin_when_paid, take_up_change

NO_CARD = "There is no card on file that could be charged."


class Charge(NamedTuple):
    """A cycle to be charged: its days, and its price, to which tax may come, as this version of a package.

    The first one on other terms says also what was `carried` over from those before, and what it commits to.
    """

    subscription: Subscription
    first: dt.date
    following: dt.date | None
    price: int
    name: str
    sold: tuple[str, int]
    carried: int | None = None
    commits_until: dt.date | None = None


def charge_cycles(work: Work, charges: Sequence[Charge], *, due_on: dt.date) -> list[Renewal]:
    """Owe cycles, and ask for each by an invoice."""
    with work.session.no_autoflush:  # what was sold is not ours to change, and each subscription is written once
        taxes = taxes_of(work, {one.sold for one in charges})
    renewals, asked = [], []
    for one in charges:
        id = new_id()
        line = Line(name=one.name, quantity=1, unit_price=one.price, tax=taxes[one.sold], source_id=id)
        renewal = _renewal(id, one, due_on=due_on, amount=line.parts.total)
        renewals.append(renewal)
        asked.append(Asked(renewal.contact_id, "renewal", renewal.id, renewal.currency, [line], due_on))
        tell_renewal(work, told.renewal_due, renewal)
    work.session.add_all(renewals)
    invoices.issue_all(work, asked)
    return renewals


def _renewal(id: str, one: Charge, *, due_on: dt.date, amount: int) -> Renewal:
    subscription = one.subscription
    subscription.renewals += 1
    subscription.open_renewal_id = id
    return Renewal(
        id=id,
        subscription_id=subscription.id,
        contact_id=subscription.contact_id,
        number=subscription.renewals,
        name=one.name,
        state="open",
        starts_on=one.first,
        until_on=(one.following or dt.date.max) - A_DAY,
        due_on=due_on,
        currency=subscription.currency,
        amount=amount,
        refunded=0,
        under_way=0,
        failures=0,
        next_try_on=due_on,
        forgone=False,
        carried=one.carried,
        commits_until=one.commits_until,
        version=1,
    )


def renew(work: Work, pairs: Sequence[tuple[Subscription, Renewal]], state: str = "paid") -> list[str]:
    """These cycles are paid for, or as good as that; who was past due is so no longer.

    Tell which were paid in vain: of what is over meanwhile, or of terms that nobody wants any more.
    """
    today = today_of(work)
    theirs = Assignment.id.in_([subscription.assignment_id for subscription, _ in pairs])
    assignments = {each.id: each for each in work.session.scalars(select(Assignment).where(theirs))}
    asked = locked_invoices(work, [renewal.id for _, renewal in pairs], lines=False)
    sharers = sharers_of(work, [subscription for subscription, _ in pairs])
    in_vain = []
    for subscription, renewal in pairs:
        renewal.settle(state, work.now)
        if state == "paid" and renewal.amount:  # nothing to pay is paid by being asked for
            invoices.settle_from(work, asked[renewal.id], renewal.amount)
        if subscription.open_renewal_id != renewal.id:
            in_vain.append(renewal.id)
            continue
        event = told.subscription_changed if renewal.changes else told.subscription_renewed
        with telling(work, subscription, event, sharers=sharers):
            take_up = take_up_change if renewal.changes else begin_when_paid
            take_up(subscription, renewal, today)
            subscription.open_renewal_id = subscription.past_due_since = None
            subscription.expires_on = renewal.until_on
            if subscription.state == "past_due":
                subscription.state = "active"
        if assignments[subscription.assignment_id].state == "active":
            assignments[subscription.assignment_id].expires_on = subscription.expires_on
        note_paid_days(
            work, subscription, renewal.starts_on, renewal.until_on, sold_as=renewal.id, carried=renewal.carried or 0
        )  # fmt: skip
    return in_vain


def fail(work: Work, subscription: Subscription, renewal: Renewal, reason: str) -> None:
    """It was not paid on this day; after the last day that it is tried the subscription is past due.

    One that pays for other terms is owed no longer: the subscription keeps its own, and its days.
    """
    renewal.failures += 1
    renewal.reason = reason[:500]
    renewal.next_try_on = next_try(renewal.due_on, renewal.failures, today=today_of(work))
    renewal.version += 1
    tell_renewal(work, told.renewal_failed, renewal)
    if renewal.failures <= len(RETRY_DAYS):
        return
    if renewal.changes:
        with telling(work, subscription, told.subscription_change_withdrawn, renewal.reason):
            owe_no_longer(work, subscription, renewal)
    elif subscription.state == "active":
        with telling(work, subscription, told.subscription_past_due, renewal.reason):
            subscription.state = "past_due"
            subscription.past_due_since = today_of(work)


def write_off_renewal(work: Work, subscription: Subscription, renewal: Renewal, reason: str | None) -> None:
    """Nobody expects the money any more: it is lost, and the days are not given."""
    renewal.must_be_open()
    invoices.write_off(work, locked_invoices(work, [renewal.id])[renewal.id], reason)
    renewal.settle("written_off", work.now)
    _let_go(subscription, renewal)


def forgo_open_charge(work: Work, subscription: Subscription) -> None:
    """Owe the open charge no longer; while somebody is paying it, that waits for what becomes of the payment."""
    if subscription.open_renewal_id is None:
        return
    renewal = work.session.get_one(Renewal, subscription.open_renewal_id, with_for_update=True, populate_existing=True)
    if not renewal.under_way:
        owe_no_longer(work, subscription, renewal)
        return
    renewal.forgone = True
    if renewal.changes:
        _let_go(subscription, renewal)


def forgo_open_change(work: Work, subscription: Subscription) -> None:
    """Keep the terms where the first cycle on others is not paid; refused while somebody pays it."""
    if subscription.open_renewal_id is None:
        return
    renewal = work.session.get_one(Renewal, subscription.open_renewal_id, with_for_update=True, populate_existing=True)
    if renewal.changes:
        renewal.must_be_open()
        owe_no_longer(work, subscription, renewal)


def owe_no_longer(work: Work, subscription: Subscription, renewal: Renewal) -> None:
    """Nobody wants the cycle any more."""
    renewal.settle("waived", work.now)
    if subscription.open_renewal_id == renewal.id:
        _let_go(subscription, renewal)
    invoice = locked_invoices(work, [renewal.id])[renewal.id]
    invoices.void(work, invoice, "The cycle is not wanted any more.")
    tell_renewal(work, told.renewal_waived, renewal)


def _let_go(subscription: Subscription, renewal: Renewal) -> None:
    """It goes on without this charge, and on the terms that it has."""
    subscription.open_renewal_id = None
    if renewal.changes:
        subscription.planned = None

"""What the days that lie ahead were paid for: kept day by day's worth, so that no money counts twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.orm import aliased

from chassis.ids import new_id
from chassis.work import Work
from contracts.errors import Conflict
from services.billing.invoices.model import Invoice, InvoiceLine
from services.billing.subscriptions.model import RUNNING, PaidDays, Renewal, Subscription
from services.billing.subscriptions.rules import A_DAY, worth_left
from services.billing.taxes.rules import half_up

BY_INSTALMENTS = "The days ahead are paid by instalments: have them paid off first, or change at the end of the cycle."


class Before(NamedTuple):
    """How a subscription stood before it was bought ahead: since when its cycles are counted, when it was to end."""

    anchored_on: dt.date | None
    ends_on: dt.date | None


def note_paid_days(
    work: Work,
    subscription: Subscription,
    first: dt.date,
    until: dt.date | None,
    *,
    sold_as: str | None,
    assignment_id: str | None = None,
    carried: int = 0,
    before: Before | None = None,
) -> None:
    """Keep which line of an invoice these days are paid by, by what it was sold as, and what `carried` over to them."""
    if until is not None:
        days = PaidDays(
            id=new_id(),
            subscription_id=subscription.id,
            contact_id=subscription.contact_id,
            days=(until - first).days + 1,
            sold_as=sold_as,
            assignment_id=assignment_id,
            carried=carried,
            anchored_before=before and before.anchored_on,
            ending_before=before and before.ends_on,
        )
        work.session.add(days)


def days_ahead(work: Work, subscription: Subscription, today: dt.date) -> list[tuple[PaidDays, int]]:
    """The paid days of which some are not used up, the newest first, each with how many.

    This day is being used, unless the subscription is paused: then none is since the day on which it was.
    """
    if subscription.expires_on is None:
        return []
    used_until = today if subscription.paused_on is None else subscription.paused_on - A_DAY
    left, found = (subscription.expires_on - used_until).days, []
    kept = select(PaidDays).where(PaidDays.subscription_id == subscription.id).order_by(PaidDays.id.desc())
    for days in work.session.scalars(kept.with_for_update()):
        if left <= 0:
            break
        found.append((days, min(days.days, left)))
        left -= days.days
    return found


def worth_ahead(work: Work, subscription: Subscription, today: dt.date) -> int | None:
    """What was paid, and not given back, for the days from this one on; None where nobody can tell.

    Refused while instalments for them are still to come: those would be owed besides. Days are used up from the oldest
    on, so that those ahead are the newest: a pause moves them and changes nothing.
    """
    if subscription.expires_on is None or subscription.expires_on < today:
        return 0
    kept = (
        select(PaidDays, InvoiceLine, Invoice.state, Invoice.currency)
        .outerjoin(InvoiceLine, InvoiceLine.source_id == PaidDays.sold_as)
        .outerjoin(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(PaidDays.subscription_id == subscription.id)
        .order_by(PaidDays.id.desc())
    )
    ahead, paid, seen = (subscription.expires_on - today).days + 1, [], 0
    for days, line, state, currency in work.session.execute(kept):
        if currency not in (None, subscription.currency) or seen >= ahead:
            break
        if state == "open":
            raise Conflict.field("/when", BY_INSTALMENTS)
        paid.append((days.days, days.carried + (_kept(line) if state == "paid" else 0)))
        seen += days.days
    return worth_left(paid, ahead)


def paid_otherwise(work: Work, sold: Mapping[str, str], today: dt.date) -> list[str]:
    """Of these assignments, each with what it was sold as, those whose subscriptions run on what was paid later.

    They have used up all days of these, and have others of a renewal or of another order that was not given back.
    Whoever asks holds them.
    """
    newer = aliased(PaidDays)
    theirs = (PaidDays.subscription_id == Subscription.id) & PaidDays.sold_as.in_(sold.values())
    last = select(PaidDays.id).where(theirs).order_by(PaidDays.id.desc()).limit(1).correlate(Subscription)
    since = (newer.subscription_id == Subscription.id) & (newer.id > last.scalar_subquery())
    later = select(func.sum(newer.days)).where(since).correlate(Subscription)  # null, and so used up by none: nothing
    used_up = Subscription.expires_on - cast(later.scalar_subquery(), Integer) < today
    running = Subscription.assignment_id.in_(sold) & Subscription.state.in_(RUNNING)
    found = work.session.scalars(select(Subscription).where(running, used_up)).all()
    return [each.assignment_id for each in found if _is_paid(work, days_ahead(work, each, today - A_DAY))]


def _is_paid(work: Work, ahead: Sequence[tuple[PaidDays, int]]) -> bool:
    """Whether something was paid for some of these days and not given back; of an order that was, none are left."""
    sold_as = {days.sold_as for days, _ in ahead}
    given_back = select(Renewal.id).where(Renewal.id.in_(sold_as), Renewal.state == "refunded")
    return bool(sold_as - set(work.session.scalars(given_back)))


def _kept(line: InvoiceLine) -> int:
    """What of a line's price, reduced as the line is and without fee and added tax, is not given back."""
    total, price = line.parts.total, line.unit_price * line.quantity
    amount = price + line.fee
    return half_up(price * (amount - line.reduction) * line.left, amount * total) if total else 0

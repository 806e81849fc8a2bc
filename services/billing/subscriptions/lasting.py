"""How long what was sold lasts: each assignment as long as the days that are paid for it, wherever pauses move them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select

from chassis.work import Work
from services.billing.assignments.model import Assignment
from services.billing.subscriptions.model import PaidDays, Subscription
from services.billing.subscriptions.queries import once_resumed
from services.billing.subscriptions.rules import A_DAY

Ahead = Sequence[tuple[PaidDays, int]]
"""Paid days of which some are not used up, the newest first, each with how many."""


def last_as_paid(work: Work, subscription: Subscription, ahead: Ahead) -> None:
    """Let each assignment last until the last of its days; the one that renews, as long as the subscription does."""
    ends: dict[str, dt.date | None] = {}
    until = subscription.expires_on
    for days, left in ahead:
        if days.assignment_id is not None:
            ends[days.assignment_id] = until
        until = until and until - left * A_DAY
    ends[subscription.assignment_id] = subscription.expires_on
    theirs = select(Assignment).where(Assignment.id.in_(ends), Assignment.state == "active").order_by(Assignment.id)
    for assignment in work.session.scalars(theirs.with_for_update()):
        assignment.expires_on = once_resumed(subscription, ends[assignment.id])
        assignment.renews = assignment.renews or assignment.id == subscription.assignment_id

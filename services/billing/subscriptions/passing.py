"""What time does to subscriptions: those that were to go on go on, and those whose days are over end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, select

from chassis.work import Work
from services.billing.assignments.model import Assignment
from services.billing.assignments.rules import last_day_over
from services.billing.subscriptions.actions import finish, resume
from services.billing.subscriptions.model import Subscription
from services.billing.subscriptions.queries import today_of
from services.billing.subscriptions.rules import A_DAY, PAST_DUE_DAYS

MOST_AT_ONCE = 200


def pass_time(work: Work) -> None:
    """Resume, end and expire what has come to its day, the oldest first and so many of each at once."""
    today = today_of(work)
    paused, running = Subscription.state == "paused", Subscription.state.in_(("active", "past_due"))
    for subscription, _ in _come(work, paused, Subscription.resumes_on <= today, Subscription.resumes_on):
        resume(work, subscription, today)
    over = Subscription.ends_on < last_day_over(work.now)
    for subscription, assignment in _come(work, running, over, Subscription.ends_on):
        finish(work, subscription, assignment, "cancelled", "it was cancelled")
    late = Subscription.past_due_since <= today - PAST_DUE_DAYS * A_DAY
    for subscription, assignment in _come(work, Subscription.state == "past_due", late, Subscription.past_due_since):
        finish(work, subscription, assignment, "expired", "it was not paid")


def _come(
    work: Work, state: ColumnElement[bool], come: ColumnElement[bool], oldest: Any
) -> Iterator[tuple[Subscription, Assignment]]:
    """The next ones that have come to their day, each with what it gives; who is busy with one keeps it."""
    wanted = select(Subscription).where(state, come).order_by(oldest, Subscription.id).limit(MOST_AT_ONCE)
    held = list(work.session.scalars(wanted.with_for_update(skip_locked=True)))
    theirs = Assignment.id.in_([subscription.assignment_id for subscription in held])
    assignments = {each.id: each for each in work.session.scalars(select(Assignment).where(theirs))} if held else {}
    return ((subscription, assignments[subscription.assignment_id]) for subscription in held)

"""Cancelling a membership that is paid by instalments."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.work import Work
from contracts.billing import subscriptions as told
from contracts.language import Request
from services.billing.assignments.model import Assignment
from services.billing.plans.actions import set_automatic
from services.billing.plans.model import RUNNING, PaymentPlan
from services.billing.subscriptions import actions
from services.billing.subscriptions.model import Subscription


def cancel_subscription(work: Work, request: Request) -> dict[str, Any]:
    """End it now, or with what is paid for; ended now, what is still owed for it is charged by itself no more."""
    if request.when == told.NOW:
        _charge_no_more(work, request.subscription_id)
    return actions.cancel_subscription(work, request)


def _charge_no_more(work: Work, subscription_id: str) -> None:
    """Its plan is held before the subscription, as where an instalment comes."""
    paid_by = (
        select(PaymentPlan)
        .join(Assignment, Assignment.order_id == PaymentPlan.order_id)
        .join(Subscription, Subscription.assignment_id == Assignment.id)
        .where(Subscription.id == subscription_id, PaymentPlan.state.in_(RUNNING))
        .with_for_update(of=PaymentPlan)
    )
    plan = work.session.scalar(paid_by.execution_options(populate_existing=True))
    if plan is not None:
        set_automatic(work, plan, False, "The membership was cancelled.")

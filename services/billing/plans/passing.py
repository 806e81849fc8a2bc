"""What time does to plans: on its day each instalment is due, and what nobody charges by itself may fall behind."""

from __future__ import annotations

from sqlalchemy import select

from chassis.overdue import let_run_out
from chassis.work import Work
from contracts.billing import plans as told
from services.billing.plans.actions import fall_behind
from services.billing.plans.model import Instalment, PaymentPlan
from services.billing.plans.telling import said_of_instalment
from services.billing.subscriptions.queries import today_of
from services.billing.subscriptions.rules import A_DAY, RETRY_DAYS

MOST_AT_ONCE = 200
UNPAID = f"Nobody paid it within {RETRY_DAYS[-1]} days."


def let_instalments_fall_due(work: Work) -> None:
    """Tell of those whose day has come, the oldest first; whoever is charged by itself is so whether it is told yet."""
    let_run_out(
        work,
        Instalment,
        Instalment.state == "planned",
        Instalment.due_on <= today_of(work),
        oldest=Instalment.due_on,
        becomes={"state": "due"},
        told=told.instalment_due,
        saying=lambda row: said_of_instalment(row) | {"next_try_on": None},
    )


def let_plans_fall_behind(work: Work) -> None:
    """What nobody charges by itself is past due after as many days as what is charged in vain."""
    today = today_of(work)
    late = (Instalment.state == "due") & (Instalment.due_on <= today - RETRY_DAYS[-1] * A_DAY)
    behind = (
        select(PaymentPlan)
        .where(PaymentPlan.state == "active", ~PaymentPlan.automatic, PaymentPlan.begun_at.is_not(None))
        .where(PaymentPlan.id.in_(select(Instalment.payment_plan_id).where(late)))
        .order_by(PaymentPlan.id)
        .limit(MOST_AT_ONCE)
        .with_for_update(skip_locked=True, of=PaymentPlan)
    )
    for plan in work.session.scalars(behind.execution_options(populate_existing=True)).all():
        if plan.late(today):  # it may have been paid between the look and the lock
            fall_behind(work, plan, today, UNPAID)

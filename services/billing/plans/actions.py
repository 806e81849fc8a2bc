"""What becomes of a plan as money comes, goes back, or does not come; whoever asks holds its order."""

from __future__ import annotations

import datetime as dt
from typing import Any

from chassis.rows import changes_between
from chassis.work import Work
from contracts.billing import plans as told
from contracts.errors import Conflict
from contracts.language import Request
from services.billing.plans.model import RUNNING, Instalment, PaymentPlan
from services.billing.plans.queries import locked_plan, shown
from services.billing.plans.rules import covered, next_charge
from services.billing.plans.telling import plain, tell, tell_instalment, telling
from services.billing.subscriptions.queries import today_of
from services.billing.subscriptions.rules import RETRY_DAYS

_CLOSED = {"cancelled": told.payment_plan_cancelled, "written_off": told.payment_plan_written_off}


def change_payment_plan(work: Work, request: Request) -> dict[str, Any]:
    """Let instalments be charged by themselves, or no longer."""
    plan = locked_plan(work, request.payment_plan_id)
    work.expect(plan.version)
    if request.automatic is not None:
        plan.must_run()
        set_automatic(work, plan, request.automatic, request.reason or None)
    return shown(plan)


def set_automatic(work: Work, plan: PaymentPlan, automatic: bool, reason: str | None) -> None:
    """Charge its instalments by themselves, what is past due anew, or charge them no longer; what is owed stays."""
    if plan.automatic == automatic:
        return
    today = today_of(work)
    with telling(work, plan, told.payment_plan_changed, reason):
        if automatic and plan.state == "past_due":
            for late in plan.late(today):
                late.failures = 0
            plan.state, plan.past_due_since = "active", None
        plan.automatic = automatic
        plan.next_charge_on = _next_charge(plan, today)


def cover(work: Work, plan: PaymentPlan, money: int) -> bool:
    """So much is paid of the order by now, more or less than before; tell whether what was ordered begins with it.

    Nobody pays twice in a day unasked. It is caught up when no instalment is late any more, whichever was paid.
    """
    parts = covered([each.amount for each in plan.instalments], money)
    if plan.state not in RUNNING or parts == [each.paid for each in plan.instalments]:
        return False  # what is given back of a plan that is over is not due again
    begins = plan.begun_at is None and parts[0] == plan.instalments[0].amount
    before, today = plain(plan), today_of(work)
    for instalment, part in zip(plan.instalments, parts, strict=True):
        _cover_one(work, plan, instalment, part, today)
    plan.version += 1
    plan.last_payment_on, event = today, None
    if begins:
        plan.begun_at, event = work.now, told.payment_plan_begun
    if plan.state == "past_due" and not plan.late(today):
        plan.state, plan.past_due_since, event = "active", None, told.payment_plan_caught_up
    if plan.first_open is None:
        plan.state, event = "paid", told.payment_plan_paid
    plan.next_charge_on = _next_charge(plan, today)
    if event is not None:
        tell(work, plan, event, changes_between(before, plain(plan)), None)
    return begins


def fail(work: Work, plan: PaymentPlan, instalment_id: str, reason: str) -> None:
    """An instalment was not charged on this day; after the last day that it is tried the plan is past due."""
    instalment = plan.first_open
    if plan.state != "active" or instalment is None or instalment.id != instalment_id:
        return  # it was paid otherwise, or is not wanted any more
    today = today_of(work)
    instalment.failures += 1
    instalment.reason = reason[:500]
    plan.last_payment_on = today
    plan.next_charge_on = _next_charge(plan, today)
    tell_instalment(work, told.instalment_failed, plan, instalment, next_try_on=plan.next_charge_on)
    if instalment.failures > len(RETRY_DAYS):
        fall_behind(work, plan, today, instalment.reason)


def fall_behind(work: Work, plan: PaymentPlan, today: dt.date, reason: str) -> None:
    """It is past due: charged no further until what is late is paid."""
    with telling(work, plan, told.payment_plan_past_due, reason):
        plan.state, plan.past_due_since, plan.next_charge_on = "past_due", today, None


def close_plan(work: Work, payment_plan_id: str, state: str, reason: str | None) -> None:
    """Nothing more is to come: the order is cancelled, of which nothing is kept, or the rest of it is written off."""
    plan = locked_plan(work, payment_plan_id)
    with telling(work, plan, _CLOSED[state], reason):
        for instalment in plan.instalments:
            if state == "cancelled":
                instalment.paid = 0
            if instalment.paid < instalment.amount:
                instalment.settle(state, work.now)
        plan.state, plan.next_charge_on, plan.past_due_since = state, None, None


def instalment_to_pay(work: Work, instalment_id: str, plan: PaymentPlan, *, under_way: int) -> dict[str, Any]:
    """What is left of an instalment, if it is the next one that nobody pays just now."""
    plan.must_run()
    parts = covered([each.amount for each in plan.instalments], plan.paid + under_way)
    asked = next(place for place, each in enumerate(plan.instalments) if each.id == instalment_id)
    open_ = [place for place, each in enumerate(plan.instalments) if parts[place] < each.amount]
    if asked not in open_:
        paid = plan.instalments[asked].state == "paid"
        raise Conflict(
            "The instalment is paid already." if paid else "A payment of the instalment is under way already."
        )
    if asked != open_[0]:
        raise Conflict(f"Instalments are paid in their order: number {open_[0] + 1} is next.")
    return {"amount": plan.instalments[asked].amount - parts[asked], "currency": plan.currency}


def _cover_one(work: Work, plan: PaymentPlan, instalment: Instalment, part: int, today: dt.date) -> None:
    """Note how much of it is paid, and tell when it is now, or is no longer."""
    was_paid, instalment.paid = instalment.state == "paid", part
    if part == instalment.amount and not was_paid:
        instalment.reason = None
        instalment.settle("paid", work.now)
        tell_instalment(work, told.instalment_paid, plan, instalment)
    elif part < instalment.amount and was_paid:
        instalment.reopen(today)
        tell_instalment(work, told.instalment_reopened, plan, instalment)


def _next_charge(plan: PaymentPlan, today: dt.date) -> dt.date | None:
    """When the first open instalment is charged by itself; not before the plan has begun, nor while it is past due."""
    following = plan.first_open
    if not plan.automatic or plan.begun_at is None or plan.state != "active" or following is None:
        return None
    return next_charge(following.due_on, following.failures, last_payment_on=plan.last_payment_on, today=today)

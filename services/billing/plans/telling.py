"""What becomes of a plan is written into its history and told, both with what it was before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chassis.ids import new_id
from chassis.rows import changes_between
from chassis.work import Work
from contracts.language import Event
from services.billing.base import money, who
from services.billing.plans.model import Instalment, PaymentPlan, PlanChange
from services.billing.plans.queries import shown

_CHANGING = ("state", "automatic", "paid", "next_due_on", "next_charge_on", "past_due_since", "begun_at")
_TOLD = (
    "order_id", "order_number", "key", "state", "automatic", "instalments", "total", "left", "next_due_on", "version",
)  # fmt: skip
_SAID_OF_INSTALMENT = (
    "payment_plan_id", "order_id", "order_number", "number", "instalments", "due_on", "reason",
)  # fmt: skip


@contextmanager
def telling(work: Work, plan: PaymentPlan, event: Event, reason: str | None = None) -> Iterator[None]:
    """Write down and tell what is done to the plan in this block."""
    before = plain(plan)
    yield
    plan.version += 1
    tell(work, plan, event, changes_between(before, plain(plan)), reason)


def tell(work: Work, plan: PaymentPlan, event: Event, changes: dict[str, Any], reason: str | None) -> None:
    """Write down and tell what was done to the plan."""
    _write_down(work, plan, event, changes, reason)
    said = shown(plan)
    told = {name: said[name] for name in _TOLD}
    work.record(event, plan.contact_id, payment_plan_id=plan.id, **told, changes=changes, reason=reason)


def tell_instalment(
    work: Work, event: Event, plan: PaymentPlan, instalment: Instalment, *, next_try_on: dt.date | None = None
) -> None:
    """Write down and tell what became of an instalment."""
    _write_down(work, plan, event, {}, instalment.reason, instalment=instalment.number)
    work.record(event, instalment.contact_id, **said_of_instalment(instalment), next_try_on=next_try_on)


def said_of_instalment(row: Any) -> dict[str, Any]:
    """What is told of an instalment whatever becomes of it."""
    same = {name: getattr(row, name) for name in _SAID_OF_INSTALMENT}
    return same | {"instalment_id": row.id, "amount": money(row.amount, row.currency)}


def _write_down(
    work: Work, plan: PaymentPlan, event: Event, changes: dict[str, Any], reason: str | None, **of: int
) -> None:
    line = PlanChange(
        id=new_id(),
        payment_plan_id=plan.id,
        contact_id=plan.contact_id,
        **of,
        what=event.type,
        changes=changes,
        reason=reason,
        by=who(work),
        at=work.now,
    )
    work.session.add(line)


def plain(plan: PaymentPlan) -> dict[str, Any]:
    """What may become otherwise of it, in plain values."""
    said = shown(plan)
    values = {name: said[name] for name in _CHANGING}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}

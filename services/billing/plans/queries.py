"""Which payment plans there are, what they still ask for and when, and what became of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.pages import keys_for, narrowed, page_of
from chassis.work import Work
from contracts.errors import Invalid, NotFound
from contracts.language import Request
from services.billing.base import money
from services.billing.plans.model import Instalment, PaymentPlan, PlanChange

_FIELDS = (
    "id", "contact_id", "order_id", "order_number", "key", "state", "automatic", "next_charge_on", "past_due_since",
    "begun_at", "made_at", "version",
)  # fmt: skip
_AMOUNTS = ("total", "paid", "left")
_INSTALMENT_FIELDS = (
    "id", "payment_plan_id", "order_id", "order_number", "contact_id", "number", "instalments", "state", "due_on",
    "failures", "reason", "settled_at",
)  # fmt: skip


def get_payment_plan(work: Work, request: Request) -> dict[str, Any]:
    """The plan as it stands."""
    return shown(plan_of(work, request.payment_plan_id))


def plan_of(work: Work, payment_plan_id: str) -> PaymentPlan:
    """The plan, as it is to look at."""
    return _found(work.session.get(PaymentPlan, payment_plan_id))


def locked_plan(work: Work, payment_plan_id: str) -> PaymentPlan:
    """The plan, nobody else's to change until this transaction ends; its order is held before, as everywhere."""
    wanted = select(PaymentPlan).where(PaymentPlan.id == payment_plan_id)
    return _found(work.session.scalar(wanted.with_for_update().execution_options(populate_existing=True)))


def order_of_plan(work: Work, payment_plan_id: str) -> str:
    """The order that is paid by it."""
    order_id = work.session.scalar(select(PaymentPlan.order_id).where(PaymentPlan.id == payment_plan_id))
    if order_id is None:
        raise NotFound("There is no such payment plan.")
    return order_id


def order_of_instalment(work: Work, instalment_id: str) -> str:
    """The order of which it is a part."""
    order_id = work.session.scalar(select(Instalment.order_id).where(Instalment.id == instalment_id))
    if order_id is None:
        raise NotFound("There is no such instalment.")
    return order_id


def list_payment_plans(work: Work, request: Request) -> dict[str, Any]:
    """Plans of a contact, in a state, or all."""
    wanted = narrowed(select(PaymentPlan), request, PaymentPlan.contact_id, PaymentPlan.state)
    page = page_of(work, wanted, keys_for(request.sort, oldest=[PaymentPlan.id]), request)
    return page | {"items": [shown(plan) for plan in page["items"]]}


def list_payment_plan_changes(work: Work, request: Request) -> dict[str, Any]:
    """What became of a plan, and who did it."""
    plan_of(work, request.payment_plan_id)
    changes = select(PlanChange).where(PlanChange.payment_plan_id == request.payment_plan_id)
    return page_of(work, changes, [PlanChange.id.desc()], request)


def get_instalment(work: Work, request: Request) -> dict[str, Any]:
    """The instalment as it stands."""
    instalment = work.session.get(Instalment, request.instalment_id)
    if instalment is None:
        raise NotFound("There is no such instalment.")
    return shown_instalment(instalment)


def list_instalments(work: Work, request: Request) -> dict[str, Any]:
    """Instalments by the day on which they are due."""
    columns = (Instalment.contact_id, Instalment.payment_plan_id, Instalment.state)
    wanted = narrowed(select(Instalment), request, *columns)
    since, until = request.due_from, request.due_until
    if since is not None and until is not None and until < since:
        raise Invalid.field("/due_until", "Lies before due_from.")
    if since is not None:
        wanted = wanted.where(Instalment.due_on >= since)
    if until is not None:
        wanted = wanted.where(Instalment.due_on <= until)
    page = page_of(work, wanted, keys_for(request.sort, due_on=[Instalment.due_on, Instalment.id]), request)
    return page | {"items": [shown_instalment(instalment) for instalment in page["items"]]}


def shown(plan: PaymentPlan) -> dict[str, Any]:
    """A plan as the contract says it."""
    following = plan.first_open
    return (
        {field: getattr(plan, field) for field in _FIELDS}
        | {field: money(getattr(plan, field), plan.currency) for field in _AMOUNTS}
        | {
            "instalments": len(plan.instalments),
            "interval": {"unit": plan.interval_unit, "count": plan.interval_count},
            "next_due_on": following and following.due_on,
        }
    )


def shown_instalment(instalment: Instalment) -> dict[str, Any]:
    """An instalment as the contract says it."""
    return {field: getattr(instalment, field) for field in _INSTALMENT_FIELDS} | {
        field: money(getattr(instalment, field), instalment.currency) for field in ("amount", "paid")
    }


def _found(plan: PaymentPlan | None) -> PaymentPlan:
    if plan is None:
        raise NotFound("There is no such payment plan.")
    return plan

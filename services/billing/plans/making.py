"""Putting an order on a payment plan that its packages offer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from chassis.ids import new_id
from chassis.work import Work
from contracts.billing import plans as told
from contracts.errors import Invalid
from contracts.language import Request
from services.billing.packages.model import PackageVersion
from services.billing.plans.model import Instalment, PaymentPlan
from services.billing.plans.rules import amounts_of, days_of
from services.billing.plans.telling import tell
from services.billing.subscriptions.queries import today_of
from services.billing.subscriptions.rules import Cycle

Terms = dict[str, Any]
Line = tuple[PackageVersion, int]
POINTER = "/payment_plan"
KEY = f"{POINTER}/key"


class Sold(NamedTuple):
    """What is paid by instalments: an order, and what it comes to."""

    order_id: str
    order_number: int
    contact_id: str
    currency: str
    total: int


def make_plan(work: Work, asked: Request, lines: Sequence[Line], sold: Sold) -> PaymentPlan:
    """Part what an order comes to into instalments, the first of them due today, as each of its packages offers it."""
    terms, amounts = parted(asked.key, lines, sold.total)
    every = Cycle(terms["interval"]["unit"], terms["interval"]["count"])
    plan = PaymentPlan(
        id=new_id(),
        **sold._asdict(),
        key=terms["key"],
        state="active",
        automatic=asked.automatic,
        interval_unit=every.unit,
        interval_count=every.count,
        made_at=work.now,
        version=1,
    )
    today = today_of(work)
    parts = zip(amounts, days_of(today, every, len(amounts)), strict=True)
    plan.instalments = [_instalment(plan, number, *part, len(amounts), today) for number, part in enumerate(parts, 1)]
    work.session.add(plan)
    tell(work, plan, told.payment_plan_made, {}, None)
    return plan


def parted(key: str, lines: Sequence[Line], total: int) -> tuple[Terms, list[int]]:
    """The plan of this key and what its instalments come to; refused is what its packages do not offer alike."""
    terms, first = _offered(key, lines)
    amounts = amounts_of(total, terms["instalments"], first)
    if amounts is None:
        few = f"The order comes to {total}, too little for {terms['instalments']} instalments like these."
        raise Invalid.field(POINTER, few)
    return terms, amounts


def _instalment(plan: PaymentPlan, number: int, amount: int, due_on: dt.date, many: int, today: dt.date) -> Instalment:
    return Instalment(
        id=new_id(),
        payment_plan_id=plan.id,
        order_id=plan.order_id,
        order_number=plan.order_number,
        contact_id=plan.contact_id,
        number=number,
        instalments=many,
        state="due" if due_on <= today else "planned",
        due_on=due_on,
        currency=plan.currency,
        amount=amount,
        paid=0,
        failures=0,
    )


def _offered(key: str, lines: Sequence[Line]) -> tuple[Terms, int | None]:
    """The plan of this key, that all that costs something offers alike, and what the first payments come to."""
    priced = [(version, quantity) for version, quantity in lines if version.price or version.sign_up_fee]
    if not priced:
        raise Invalid.field(POINTER, "Nothing is to be paid.")
    found = [next((plan for plan in version.payment_plans if plan["key"] == key), None) for version, _ in priced]
    errors = [
        {"pointer": KEY, "detail": f"“{version.name}” is not paid by this plan."}
        for (version, _), plan in zip(priced, found, strict=True)
        if plan is None or _alike(plan) != _alike(found[0] or {})
    ]
    if errors:
        raise Invalid("Not all packages are paid by this plan alike.", errors)
    plans = [plan for plan in found if plan is not None]
    if plans[0]["first_payment"] is None:
        return plans[0], None
    firsts = zip(plans, priced, strict=True)
    return plans[0], sum(plan["first_payment"]["amount"] * quantity for plan, (_, quantity) in firsts)


def _alike(plan: Terms) -> tuple[Any, ...]:
    """What has to be the same for all that is paid by one plan."""
    return plan.get("instalments"), plan.get("interval"), plan.get("first_payment") is None

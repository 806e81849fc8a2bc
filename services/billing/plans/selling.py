"""What is sold by instalments, and beside that: no membership is bought ahead by a plan."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Select, exists, select

from chassis.work import Work
from contracts.errors import Conflict
from services.billing.assignments.model import Assignment
from services.billing.packages.model import PackageVersion
from services.billing.plans.making import POINTER
from services.billing.plans.model import PaymentPlan
from services.billing.subscriptions.model import RUNNING, Subscription

_BY_PLAN = exists().where(PaymentPlan.order_id == Assignment.order_id)


def refuse_ahead(work: Work, contact_id: str, versions: Sequence[PackageVersion], *, by_plan: bool) -> None:
    """Refuse a plan for a membership that the contact has or has ordered, and a second order of one ordered by a plan.

    With the first instalment all its days would be had, and they do not go when nobody pays the others. The contact's
    memberships are held.
    """
    wanted = {version.package_id for version in versions if version.cycle_unit is not None}
    if not wanted:
        return
    if by_plan:
        _refuse_plan(work, contact_id, wanted)
    ordered = set(work.session.scalars(_awaiting_payment(contact_id, wanted).where(_BY_PLAN)))
    errors = [
        {"pointer": f"/items/{place}/package_id", "detail": f"“{version.name}” is ordered by instalments already."}
        for place, version in enumerate(versions)
        if version.package_id in ordered
    ]
    if errors:
        raise Conflict("Have the first instalment of that order paid, or the order cancelled, first.", errors)


def _refuse_plan(work: Work, contact_id: str, wanted: Collection[str]) -> None:
    mine = (Subscription.contact_id == contact_id) & Subscription.state.in_(RUNNING)
    running = select(Subscription.name).where(mine, Subscription.package_id.in_(wanted)).limit(1)
    name = work.session.scalar(running)
    if name is not None:
        raise Conflict.field(POINTER, f"The contact has “{name}”: what is bought ahead is ordered without a plan.")
    if work.session.scalar(_awaiting_payment(contact_id, wanted).limit(1)) is not None:
        raise Conflict.field(
            POINTER, "An order of that membership awaits its payment; have it paid or cancelled first."
        )


def _awaiting_payment(contact_id: str, wanted: Collection[str]) -> Select[str]:
    mine = (Assignment.contact_id == contact_id) & (Assignment.state == "awaiting_payment")
    return select(Assignment.package_id).where(mine, Assignment.package_id.in_(wanted))

"""Giving packages to contacts, and taking them back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select, tuple_

from chassis.ids import new_id
from chassis.overdue import let_run_out
from chassis.work import Work
from contracts.billing import orders as told
from services.acquaintance import known_business
from services.billing.assignments.model import Assignment
from services.billing.assignments.rules import last_day_over, over_since
from services.billing.packages.model import PackageVersion


def assign(work: Work, *, contact_id: str, order_id: str, version: PackageVersion, quantity: int) -> Assignment:
    """Give the contact this version of the package; it awaits its payment."""
    assignment = Assignment(
        id=new_id(),
        contact_id=contact_id,
        order_id=order_id,
        package_id=version.package_id,
        package_version=version.version,
        name=version.name,
        kind=version.kind,
        quantity=quantity,
        state="awaiting_payment",
        assigned_at=work.now,
    )
    work.session.add(assignment)
    work.record(
        told.package_assigned,
        contact_id,
        assignment_id=assignment.id,
        package_id=version.package_id,
        name=version.name,
        kind=version.kind,
        trial=version.kind == "trial",
    )
    return assignment


def activate_paid(work: Work, order_id: str) -> None:
    """All that was ordered is paid: it begins, and what is not a trial is told as paid."""
    assignments = _of_order(work, order_id, states=("awaiting_payment",))
    packs = _versions_of_packs(work, assignments)
    today = work.now.astimezone(known_business(work).zone).date()
    for assignment in assignments:
        assignment.state, assignment.since = "active", today
        pack = packs.get((assignment.package_id, assignment.package_version))
        if pack is not None and pack.valid_days is not None:
            assignment.expires_on = assignment.since + dt.timedelta(days=pack.valid_days)
        if assignment.makes_a_customer:
            work.record(
                told.package_paid,
                assignment.contact_id,
                assignment_id=assignment.id,
                name=assignment.name,
                kind=assignment.kind,
                since=assignment.since,
                credits=None if pack is None else (pack.included_sessions or 0) * assignment.quantity,
                expires_on=assignment.expires_on,
            )


def withdraw(work: Work, order_id: str) -> None:
    """The order was cancelled before it was paid: nobody was told that these began, so nobody is told the contrary."""
    for assignment in _of_order(work, order_id, states=("awaiting_payment",)):
        assignment.state = "cancelled"


def end_expired(work: Work) -> None:
    """End what was sold for a time once its last day is over."""
    let_run_out(
        work,
        Assignment,
        Assignment.state == "active",
        Assignment.expires_on < last_day_over(work.now),
        oldest=Assignment.expires_on,
        becomes={"state": "ended"},
        told=told.package_ended,
        saying=lambda row: {"assignment_id": row.id, "name": row.name} | over_since(row.expires_on),
    )


def take_back(work: Work, order_id: str, *, reason: str) -> None:
    """The order was given back whole: what was told as paid is told as reversed."""
    for assignment in _of_order(work, order_id, states=("active", "ended")):
        assignment.state = "reversed"
        if assignment.makes_a_customer:
            work.record(
                told.package_reversed,
                assignment.contact_id,
                assignment_id=assignment.id,
                name=assignment.name,
                kind=assignment.kind,
                reason=reason,
            )


def _versions_of_packs(work: Work, assignments: list[Assignment]) -> dict[tuple[str, int], PackageVersion]:
    """The credit packs among them, in the versions that were sold."""
    sold = {(a.package_id, a.package_version) for a in assignments if a.kind == "credit_pack"}
    if not sold:
        return {}
    of_packs = tuple_(PackageVersion.package_id, PackageVersion.version).in_(sorted(sold))
    return {(v.package_id, v.version): v for v in work.session.scalars(select(PackageVersion).where(of_packs))}


def _of_order(work: Work, order_id: str, *, states: Sequence[str]) -> list[Assignment]:
    found = select(Assignment).where(Assignment.order_id == order_id, Assignment.state.in_(states))
    return list(work.session.scalars(found.order_by(Assignment.id).with_for_update()))

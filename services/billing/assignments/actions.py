"""Giving packages to contacts, and taking them back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import func, select, tuple_

from chassis.ids import new_id
from chassis.overdue import let_run_out
from chassis.work import Work
from contracts.billing import orders as told
from services.acquaintance import known_business
from services.billing.assignments.model import Assignment
from services.billing.assignments.rules import last_day_over, over_since
from services.billing.packages.model import PackageVersion
from services.billing.packages.rules import GOOD_FOR_SESSIONS, last_day_of, pricing_option_of

MEMBERSHIP, TRIAL = "membership", "trial"


class Begun(NamedTuple):
    """What was paid for, in the version that was sold, and its first day: behind what was paid for before."""

    assignment: Assignment
    version: PackageVersion
    first: dt.date


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
        pricing_option=pricing_option_of(version),
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
        pricing_option=assignment.pricing_option,
    )
    return assignment


def activate_paid(work: Work, order_id: str) -> list[Begun]:
    """All that was ordered is paid: it begins, and what is not a trial is told as paid. What began."""
    assignments = _of_order(work, order_id, states=("awaiting_payment",))
    versions = _versions_sold(work, assignments)
    paid_until = _paid_until(work, assignments)
    today = work.now.astimezone(known_business(work).zone).date()
    begun = []
    for assignment in assignments:
        version = versions[assignment.package_id, assignment.package_version]
        first = max(today, paid_until.get(assignment.package_id, dt.date.min) + dt.timedelta(days=1))
        assignment.state, assignment.since = "active", today
        assignment.expires_on = last_day_of(version, first=first, quantity=assignment.quantity)
        begun.append(Begun(assignment, version, first))
        if assignment.makes_a_customer:
            work.record(
                told.package_paid,
                assignment.contact_id,
                assignment_id=assignment.id,
                package_id=assignment.package_id,
                name=assignment.name,
                kind=assignment.kind,
                since=assignment.since,
                credits=_credits(version, assignment.quantity),
                pricing_option=assignment.pricing_option,
                expires_on=assignment.expires_on,
            )
    return begun


def _credits(version: PackageVersion, quantity: int) -> int | None:
    """How many sessions so many of it are good for; None: that is not what they are."""
    return (version.included_sessions or 0) * quantity if version.kind in GOOD_FOR_SESSIONS else None


def withdraw(work: Work, order_id: str) -> None:
    """The order was cancelled before it was paid: nobody was told that these began, so nobody is told the contrary;
    but a trial is one from the order on."""
    for assignment in _of_order(work, order_id, states=("awaiting_payment",)):
        assignment.state = "cancelled"
        if not assignment.makes_a_customer:
            _tell_trial_ended(work, assignment, "the order was cancelled")


def end(work: Work, assignment: Assignment, *, reason: str, ended_at: dt.datetime) -> None:
    """End what would have gone on by itself."""
    if assignment.state == "active":
        assignment.state = "ended"
        said = _what_ended(assignment)
        work.record(told.package_ended, assignment.contact_id, **said, reason=reason, ended_at=ended_at)


def end_begun(work: Work, order_id: str, *, reason: str, only: Collection[str]) -> None:
    """End what has begun of these of an order."""
    begun = _of_order(work, order_id, states=("active",))
    for assignment in (each for each in begun if each.id in only):
        end(work, assignment, reason=reason, ended_at=work.now)


def end_expired(work: Work) -> None:
    """End what was sold for a time once its last day is over; what renews by itself ends with its subscription."""
    for of_kind, event in (
        (Assignment.kind == TRIAL, told.trial_ended),
        (Assignment.kind != TRIAL, told.package_ended),
    ):
        let_run_out(
            work,
            Assignment,
            Assignment.state == "active",
            ~Assignment.renews,
            Assignment.expires_on < last_day_over(work.now),
            of_kind,
            oldest=Assignment.expires_on,
            becomes={"state": "ended"},
            told=event,
            saying=lambda row: _what_ended(row) | over_since(row.expires_on),
        )


def _what_ended(row: Any) -> dict[str, Any]:
    told_of = {name: getattr(row, name) for name in ("name", "pricing_option", "expires_on")}
    return {"assignment_id": row.id} | told_of


def take_back(work: Work, order_id: str, *, reason: str, only: Collection[str]) -> None:
    """These of the order were given back: what was told as paid is told as reversed."""
    begun = _of_order(work, order_id, states=("active", "ended"))
    for assignment in (each for each in begun if each.id in only):
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
        else:
            _tell_trial_ended(work, assignment, reason)


def _tell_trial_ended(work: Work, assignment: Assignment, reason: str) -> None:
    work.record(
        told.trial_ended, assignment.contact_id, **_what_ended(assignment), reason=reason, ended_at=work.now
    )  # fmt: skip


def _versions_sold(work: Work, assignments: list[Assignment]) -> dict[tuple[str, int], PackageVersion]:
    """The packages in the versions that were sold."""
    sold = {(a.package_id, a.package_version) for a in assignments}
    of_these = tuple_(PackageVersion.package_id, PackageVersion.version).in_(sorted(sold))
    return {(v.package_id, v.version): v for v in work.session.scalars(select(PackageVersion).where(of_these))}


def _paid_until(work: Work, assignments: list[Assignment]) -> dict[str, dt.date]:
    """The last day that memberships of these packages are paid for already: paid again, they go on from there."""
    memberships = [a for a in assignments if a.kind == MEMBERSHIP]
    if not memberships:
        return {}
    last = (
        select(Assignment.package_id, func.max(Assignment.expires_on))
        .where(
            Assignment.contact_id == memberships[0].contact_id,
            Assignment.package_id.in_([a.package_id for a in memberships]),
            Assignment.state == "active",
        )
        .group_by(Assignment.package_id)
    )
    return {package_id: day for package_id, day in work.session.execute(last) if day is not None}


def _of_order(work: Work, order_id: str, *, states: Sequence[str]) -> list[Assignment]:
    found = select(Assignment).where(Assignment.order_id == order_id, Assignment.state.in_(states))
    return list(work.session.scalars(found.order_by(Assignment.id).with_for_update()))

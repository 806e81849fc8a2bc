"""What may be sold to whom has a membership already: it is bought ahead on the terms that it has, and never twice."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, or_, select

from chassis.work import Work
from contracts.errors import Conflict
from services.billing.packages.model import PackageVersion
from services.billing.subscriptions.model import RUNNING, Subscription


def hold_memberships(work: Work, contact_id: str) -> None:
    """Let nobody else begin a membership of this contact until this transaction ends; before any is locked."""
    key = func.hashtextextended(f"memberships {contact_id}", 0)
    work.session.execute(select(func.pg_advisory_xact_lock(key)))


def refuse_other_terms(work: Work, contact_id: str, versions: Sequence[PackageVersion]) -> None:
    """Refuse to sell a membership that the contact has with another cycle or in another currency, or for nothing."""
    wanted = [version.package_id for version in versions if version.cycle_unit is not None]
    if not wanted:
        return
    mine = (Subscription.contact_id == contact_id) & Subscription.state.in_(RUNNING)
    running = select(Subscription).where(mine, Subscription.package_id.in_(wanted)).order_by(Subscription.id)
    by_package = {each.package_id: each for each in work.session.scalars(running)}
    errors = [
        {"pointer": f"/items/{place}/package_id", "detail": f"The contact has “{version.name}” on other terms."}
        for place, version in enumerate(versions)
        if version.package_id in by_package and not _is_alike(by_package[version.package_id], version)
    ]
    if errors:
        raise Conflict("The contact has this membership on other terms: change the subscription instead.", errors)


def refuse_second(work: Work, subscription: Subscription, package_id: str) -> None:
    """Refuse to put a subscription on a package that another one of the contact is on, or will be."""
    other = (Subscription.contact_id == subscription.contact_id) & (Subscription.id != subscription.id)
    is_or_will_be = or_(
        Subscription.package_id == package_id, Subscription.planned["package_id"].astext == package_id
    )  # fmt: skip
    found = select(Subscription.id).where(other, Subscription.state.in_(RUNNING), is_or_will_be).limit(1)
    if work.session.scalar(found) is not None:
        raise Conflict.field("/package_id", "The contact has that membership already.")


def _is_alike(subscription: Subscription, version: PackageVersion) -> bool:
    same = ("currency", "cycle_unit", "cycle_count")
    alike = all(getattr(subscription, name) == getattr(version, name) for name in same)
    return alike and bool(subscription.price) == bool(version.price)

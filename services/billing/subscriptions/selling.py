"""What may be sold to whom has a membership already: it is bought ahead on the terms that it has, and never twice."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, or_, select

from chassis.work import Work
from contracts.errors import Conflict, Invalid
from services.billing.assignments.model import Assignment
from services.billing.packages.model import PackageVersion
from services.billing.subscriptions.model import RUNNING, Subscription
from services.billing.subscriptions.queries import today_of
from services.billing.subscriptions.rules import Cycle

_PLANNED = Subscription.planned["package_id"].astext


def hold_memberships(work: Work, contact_id: str) -> None:
    """Let nobody else begin a membership of this contact until this transaction ends; before any is locked."""
    key = func.hashtextextended(f"memberships {contact_id}", 0)
    work.session.execute(select(func.pg_advisory_xact_lock(key)))


def refuse_other_terms(work: Work, contact_id: str, versions: Sequence[PackageVersion]) -> None:
    """Refuse to sell a membership that the contact has with another cycle or in another currency, or for nothing, and
    one that a subscription of theirs will be put on.

    The contact's are held, so that of an order and a change at the same moment the second finds the first.
    """
    if not _renewing(versions):
        return
    hold_memberships(work, contact_id)
    errors = other_terms(work, contact_id, versions)
    if errors:
        raise Conflict("The contact has this membership on other terms: change the subscription instead.", errors)


def other_terms(work: Work, contact_id: str, versions: Sequence[PackageVersion]) -> list[dict[str, str]]:
    """What is refused of these at this moment, at the place of each in an order."""
    wanted = _renewing(versions)
    if not wanted:
        return []
    mine = (Subscription.contact_id == contact_id) & Subscription.state.in_(RUNNING)
    either = Subscription.package_id.in_(wanted) | _PLANNED.in_(wanted)
    running = list(work.session.scalars(select(Subscription).where(mine, either).order_by(Subscription.id)))
    by_package = {each.package_id: each for each in running}
    to_be = {each.planned["package_id"] for each in running if each.planned} - by_package.keys()
    return [
        {"pointer": f"/items/{place}/package_id", "detail": detail}
        for place, version in enumerate(versions)
        if (detail := _why_not(version, by_package.get(version.package_id), will_be=version.package_id in to_be))
    ]


def refuse_beyond_calendar(work: Work, contact_id: str, sold: Sequence[tuple[PackageVersion, int]]) -> None:
    """Refuse so many cycles that they would have no last day, and so would never expire."""
    errors = beyond_calendar(work, contact_id, sold)
    if errors:
        raise Invalid("So many cycles have no last day.", errors)


def beyond_calendar(work: Work, contact_id: str, sold: Sequence[tuple[PackageVersion, int]]) -> list[dict[str, str]]:
    """Of these, each so many times, those that end after 9999, behind what is paid for and what awaits its payment."""
    wanted = _renewing([version for version, _ in sold])
    if not wanted:
        return []
    active, waiting = Assignment.state == "active", Assignment.state == "awaiting_payment"
    theirs = (Assignment.contact_id == contact_id) & Assignment.package_id.in_(wanted) & (active | waiting)
    until, cycles = func.max(Assignment.expires_on).filter(active), func.sum(Assignment.quantity).filter(waiting)
    found = select(Assignment.package_id, until, cycles).where(theirs).group_by(Assignment.package_id)
    has = {package_id: (day, many or 0) for package_id, day, many in work.session.execute(found)}
    today, errors = today_of(work), []
    for place, (version, quantity) in enumerate(sold):
        day, many = has.get(version.package_id, (None, 0))
        has[version.package_id] = day, many + quantity
        if version.cycle_unit is None or version.cycle_count is None or not version.price:
            continue
        cycle = Cycle(version.cycle_unit, version.cycle_count)
        if cycle.start(max(today, day or today), many + quantity) is None:
            errors.append({"pointer": f"/items/{place}/quantity", "detail": "So many cycles end after the year 9999."})
    return errors


def _renewing(versions: Sequence[PackageVersion]) -> list[str]:
    return [version.package_id for version in versions if version.cycle_unit is not None]


def refuse_second(work: Work, subscription: Subscription, package_id: str) -> None:
    """Refuse to put a subscription on a package that another one of the contact is on, or will be, or is ordered."""
    other = (Subscription.contact_id == subscription.contact_id) & (Subscription.id != subscription.id)
    is_or_will_be = or_(Subscription.package_id == package_id, package_id == _PLANNED)
    found = select(Subscription.id).where(other, Subscription.state.in_(RUNNING), is_or_will_be).limit(1)
    if work.session.scalar(found) is not None:
        raise Conflict.field("/package_id", "The contact has that membership already.")
    ordered = (Assignment.contact_id == subscription.contact_id) & (Assignment.package_id == package_id)
    waiting = select(Assignment.id).where(ordered, Assignment.state == "awaiting_payment").limit(1)
    if package_id != subscription.package_id and work.session.scalar(waiting) is not None:
        raise Conflict.field(
            "/package_id", "An order of that membership awaits its payment; have it paid or cancelled first."
        )


def _why_not(version: PackageVersion, running: Subscription | None, *, will_be: bool) -> str | None:
    if will_be:
        return f"The contact will have “{version.name}”: a subscription is to be put on it."
    if running is not None and not _is_alike(running, version):
        return f"The contact has “{version.name}” on other terms."
    return None


def _is_alike(subscription: Subscription, version: PackageVersion) -> bool:
    same = ("currency", "cycle_unit", "cycle_count")
    alike = all(getattr(subscription, name) == getattr(version, name) for name in same)
    return alike and bool(subscription.price) == bool(version.price)

"""Which subscriptions there are, what their cycles were charged, and what became of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import InstrumentedAttribute

from chassis.pages import keys_for, narrowed, page_of
from chassis.work import Work
from contracts.errors import NotFound
from contracts.language import Request
from services.acquaintance import known_business, known_contacts
from services.billing.base import money
from services.billing.packages.rules import words_of_cycle
from services.billing.subscriptions.model import RUNNING, Renewal, Subscription, SubscriptionChange
from services.billing.subscriptions.rules import shifted

_FIELDS = (
    "id", "contact_id", "assignment_id", "package_id", "package_version", "name", "state", "started_on", "paused_on",
    "resumes_on", "past_due_since", "open_renewal_id", "planned", "seats", "seats_taken", "version",
)  # fmt: skip
_RENEWAL_FIELDS = (
    "id", "subscription_id", "contact_id", "number", "name", "state", "starts_on", "until_on", "due_on", "failures",
    "reason", "next_try_on", "settled_at", "version",
)  # fmt: skip
MOVED_BY_PAUSES = ("expires_on", "next_charge_on", "committed_until", "ends_on")


def today_of(work: Work) -> dt.date:
    """The day that it is where the business is."""
    return work.now.astimezone(known_business(work).zone).date()


def not_archived(contact_id: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Whoever is archived is charged nothing by itself, until they are restored."""
    return ~exists().where(known_contacts.c.contact_id == contact_id, known_contacts.c.standing == "archived")


def get_subscription(work: Work, request: Request) -> dict[str, Any]:
    """The subscription as it stands."""
    return shown(work, subscription_of(work, request.subscription_id))


def subscription_of(work: Work, subscription_id: str) -> Subscription:
    """The subscription, as it is to look at."""
    return _found(work.session.get(Subscription, subscription_id))


def list_subscriptions(work: Work, request: Request) -> dict[str, Any]:
    """Subscriptions of a contact, of a package, in a state, or all."""
    wanted = narrowed(
        select(Subscription), request, Subscription.contact_id, Subscription.package_id, Subscription.state
    )  # fmt: skip
    page = page_of(work, wanted, keys_for(request.sort, oldest=[Subscription.id]), request)
    return page | {"items": all_shown(work, page["items"])}


def list_subscription_changes(work: Work, request: Request) -> dict[str, Any]:
    """What became of a subscription, and who did it."""
    subscription_of(work, request.subscription_id)
    changes = select(SubscriptionChange).where(SubscriptionChange.subscription_id == request.subscription_id)
    return page_of(work, changes, [SubscriptionChange.id.desc()], request)


def get_renewal(work: Work, request: Request) -> dict[str, Any]:
    """The charge of one cycle."""
    renewal = work.session.get(Renewal, request.renewal_id)
    if renewal is None:
        raise NotFound("There is no such renewal.")
    return shown_renewal(renewal)


def list_renewals(work: Work, request: Request) -> dict[str, Any]:
    """What cycles were charged."""
    wanted = narrowed(select(Renewal), request, Renewal.contact_id, Renewal.subscription_id, Renewal.state)
    page = page_of(work, wanted, keys_for(request.sort, oldest=[Renewal.id]), request)
    return page | {"items": [shown_renewal(renewal) for renewal in page["items"]]}


def locked_subscription(work: Work, subscription_id: str) -> Subscription:
    """The subscription, nobody else's to change until this transaction ends."""
    wanted = select(Subscription).where(Subscription.id == subscription_id)
    return _found(work.session.scalar(wanted.with_for_update().execution_options(populate_existing=True)))


def locked_renewals(work: Work, renewal_ids: Collection[str]) -> list[tuple[Subscription, Renewal]]:
    """Renewals with their subscriptions, locked, the subscriptions first and in one order as everywhere."""
    if not renewal_ids:
        return []
    of_these = Renewal.id.in_(sorted(set(renewal_ids)))
    theirs = select(Renewal.subscription_id).where(of_these)
    held = select(Subscription).where(Subscription.id.in_(theirs)).order_by(Subscription.id).with_for_update()
    fresh = {"populate_existing": True}
    subscriptions = {each.id: each for each in work.session.scalars(held.execution_options(**fresh))}
    renewals = select(Renewal).where(of_these).order_by(Renewal.id).with_for_update().execution_options(**fresh)
    return [(subscriptions[renewal.subscription_id], renewal) for renewal in work.session.scalars(renewals)]


def locked_renewal(work: Work, renewal_id: str) -> tuple[Subscription, Renewal]:
    """One renewal with its subscription, locked."""
    found = locked_renewals(work, [renewal_id])
    if not found:
        raise NotFound("There is no such renewal.")
    return found[0]


def all_shown(work: Work, subscriptions: Sequence[Subscription]) -> list[dict[str, Any]]:
    """Subscriptions as the contract says them, their open charges looked up for all at once."""
    open_ones = [each.open_renewal_id for each in subscriptions if each.open_renewal_id]
    found = work.session.scalars(select(Renewal).where(Renewal.id.in_(open_ones))) if open_ones else ()
    charges = {each.id: each for each in found}
    return [
        standing(each) | {"next_charge_on": _next_charge(each, charges.get(each.open_renewal_id or ""))}
        for each in subscriptions
    ]


def shown(work: Work, subscription: Subscription) -> dict[str, Any]:
    """A subscription as the contract says it."""
    charge = subscription.open_renewal_id and work.session.get(Renewal, subscription.open_renewal_id)
    return standing(subscription) | {"next_charge_on": _next_charge(subscription, charge or None)}


def standing(subscription: Subscription) -> dict[str, Any]:
    """A subscription but for its next charge, which may be the open renewal's to say."""
    return (
        {field: getattr(subscription, field) for field in _FIELDS}
        | _ahead(subscription)
        | {
            "days_left": _days_left(subscription),
            "price": money(subscription.price, subscription.currency),
            "cycle": {"unit": subscription.cycle_unit, "count": subscription.cycle_count},
            "pricing_option": words_of_cycle(subscription.cycle_unit, subscription.cycle_count),
        }
    )


def once_resumed(subscription: Subscription, day: dt.date | None) -> dt.date | None:
    """A day that lies ahead as it will be after a pause; None: nobody knows when that ends."""
    if subscription.paused_on is None:
        return day
    back = subscription.resumes_on
    return back and shifted(day, paused_on=subscription.paused_on, resumed_on=back)


def expiry_of(subscription: Subscription) -> dt.date | None:
    """The last day of what is paid for: of one that is over no later than its end."""
    if subscription.state in RUNNING:
        return once_resumed(subscription, subscription.expires_on)
    return min((day for day in (subscription.expires_on, subscription.ends_on) if day), default=None)


def _ahead(subscription: Subscription) -> dict[str, dt.date | None]:
    """What lies ahead; what a pause of which nobody knows the end moves is at least as late as before."""
    days = {name: getattr(subscription, name) for name in ("committed_until", "ends_on")}
    moved = {name: once_resumed(subscription, day) or day for name, day in days.items()}
    return moved | {"expires_on": expiry_of(subscription)}


def _next_charge(subscription: Subscription, charge: Renewal | None) -> dt.date | None:
    """The day of the next charge that comes by itself: another try of the open one, else the next cycle's."""
    if charge is not None and not charge.forgone:
        return charge.next_try_on
    following, last = subscription.next_charge_on, subscription.ends_on
    if subscription.state != "active" or following is None or (last is not None and following > last):
        return None
    return following


def _days_left(subscription: Subscription) -> int | None:
    """How many paid days a paused one has once it goes on; None: it uses them up, or has no end."""
    if subscription.paused_on is None or subscription.expires_on is None:
        return None
    return (subscription.expires_on - subscription.paused_on).days + 1


def shown_renewal(renewal: Renewal) -> dict[str, Any]:
    """A renewal as the contract says it."""
    amounts = ("amount", "refunded", "due")
    return {field: getattr(renewal, field) for field in _RENEWAL_FIELDS} | {
        name: money(getattr(renewal, name), renewal.currency) for name in amounts
    }


def _found(subscription: Subscription | None) -> Subscription:
    if subscription is None:
        raise NotFound("There is no such subscription.")
    return subscription

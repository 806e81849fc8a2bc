"""What becomes of a subscription is written into its history and told, both with what it was before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chassis.ids import new_id
from chassis.work import Work
from contracts.language import Event
from services.billing.base import money, who
from services.billing.subscriptions.model import Renewal, Subscription, SubscriptionChange
from services.billing.subscriptions.queries import shown
from services.billing.subscriptions.seats import SEEN_BY_SHARERS, Sharers, sharers_of, tell_sharers

_KEPT = ("id", "contact_id", "assignment_id", "started_on", "version")
_TOLD = (
    "assignment_id", "name", "state", "pricing_option", "price", "expires_on", "next_charge_on", "ends_on",
    "resumes_on", "version",
)  # fmt: skip


@contextmanager
def telling(
    work: Work, subscription: Subscription, event: Event, reason: str | None = None, *, sharers: Sharers | None = None
) -> Iterator[None]:
    """Write down and tell what is done to the subscription in this block, also to those who share it.

    Who does it to many looks up their `sharers` beforehand, for all at once.
    """
    before = _plain(work, subscription)
    yield
    after = _plain(work, subscription)
    subscription.version += 1
    changes = {
        name: {"before": before[name], "after": value} for name, value in after.items() if before[name] != value
    }  # fmt: skip
    tell(work, subscription, event, changes, reason)
    if SEEN_BY_SHARERS & changes.keys():
        tell_sharers(work, subscription, sharers_of(work, [subscription]) if sharers is None else sharers)


def tell(work: Work, subscription: Subscription, event: Event, changes: dict[str, Any], reason: str | None) -> None:
    """Write down and tell what was done to the subscription."""
    note(work, subscription, event, changes, reason)
    said = shown(work, subscription)
    told = {name: said[name] for name in _TOLD}
    work.record(
        event, subscription.contact_id, subscription_id=subscription.id, **told, changes=changes, reason=reason
    )  # fmt: skip


def note(work: Work, subscription: Subscription, event: Event, changes: dict[str, Any], reason: str | None) -> None:
    """Write a line into the subscription's history."""
    line = SubscriptionChange(
        id=new_id(),
        subscription_id=subscription.id,
        contact_id=subscription.contact_id,
        what=event.type,
        changes=changes,
        reason=reason,
        by=who(work),
        at=work.now,
    )
    work.session.add(line)


def tell_renewal(work: Work, event: Event, renewal: Renewal) -> None:
    """Tell what became of the charge of a cycle."""
    same = ("subscription_id", "number", "name", "starts_on", "until_on", "reason", "next_try_on")
    told = {name: getattr(renewal, name) for name in same}
    amount = money(renewal.amount, renewal.currency)
    work.record(event, renewal.contact_id, renewal_id=renewal.id, amount=amount, **told)


def _plain(work: Work, subscription: Subscription) -> dict[str, Any]:
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in shown(work, subscription).items()
        if name not in _KEPT
    }

"""Letting cycles be as good as paid: they were never sold, and their days are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.work import Work
from contracts.billing import subscriptions as told
from contracts.language import Request
from services.billing.invoices import actions as invoices
from services.billing.invoices.queries import locked_invoices
from services.billing.subscriptions.model import Renewal, Subscription
from services.billing.subscriptions.queries import locked_renewal, shown_renewal
from services.billing.subscriptions.renewals import renew
from services.billing.subscriptions.telling import tell_renewal


def waive_renewal(work: Work, request: Request) -> dict[str, Any]:
    """Let a cycle be as good as paid; waiving twice is harmless."""
    subscription, renewal = locked_renewal(work, request.renewal_id)
    if renewal.state == "waived":
        return shown_renewal(renewal)
    work.expect(renewal.version)
    waive(work, subscription, renewal, "It was waived.")
    return shown_renewal(renewal)


def waive(work: Work, subscription: Subscription, renewal: Renewal, reason: str | None) -> None:
    """Let one be as good as paid that nobody is paying."""
    renewal.must_be_open()
    waive_all(work, [(subscription, renewal)], {renewal.id: reason})


def waive_all(work: Work, pairs: Sequence[tuple[Subscription, Renewal]], reasons: Mapping[str, str | None]) -> None:
    """Let many be as good as paid; the reasons by renewal."""
    renew(work, pairs, "waived")
    asked = locked_invoices(work, [renewal.id for _, renewal in pairs])
    invoices.void_all(work, [(asked[renewal.id], reasons[renewal.id]) for _, renewal in pairs])
    for _, renewal in pairs:
        tell_renewal(work, told.renewal_waived, renewal)

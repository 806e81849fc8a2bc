"""Charging a card: asked for outside of any transaction, and asked for again when the answer was lost."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select

from chassis.work import Work
from services.billing.cards import CardDeclined, ProviderUnreachable, provider_called
from services.billing.payments.model import Payment
from services.billing.payments.outcomes import came, did_not_come
from services.billing.payments.queries import locked_payment

PATIENCE = dt.timedelta(seconds=30)
"""After which a charge without an answer is asked for again; longer than a provider's limits together."""


def charge(work: Work, payment: Payment, token: str) -> None:
    """Charge the card; the payment is taken, failed, or stays `charging` when no answer came in time."""
    provider = provider_called(payment.provider or "")
    payment_id = payment.id
    work.commit()
    try:
        reference = provider.prepare(
            amount=payment.amount,
            currency=payment.currency,
            token=token,
            key=payment_id,
            description=f"Order {payment.order_number}",
        )
    except (CardDeclined, ProviderUnreachable) as error:
        # No money moved: whoever stands at the till can try again at once.
        return settle_charge(work, payment_id, CardDeclined(str(error) or "The card provider is not reachable."))
    if not _remember(work, payment_id, reference):
        return None
    work.commit()
    return settle_charge(work, payment_id, _ask(provider.name, reference))


def settle_charge(work: Work, payment_id: str, error: Exception | None) -> None:
    """Write down the provider's answer, unless it was written down already."""
    order, payment = locked_payment(work, payment_id)
    if payment.state != "charging" or isinstance(error, ProviderUnreachable):
        return
    if error is None:
        came(work, order, payment)
    else:
        did_not_come(work, order, payment, "failed", str(error))


def claim_unanswered(work: Work) -> list[dict[str, Any]]:
    """The charges that have waited too long for an answer."""
    waiting = (
        select(Payment)
        .where(Payment.state == "charging", Payment.ask_again_at <= work.now)
        .order_by(Payment.ask_again_at)
        .limit(20)
        .with_for_update(skip_locked=True)
    )
    claimed = list(work.session.scalars(waiting))
    for payment in claimed:
        payment.ask_again_at = work.now + PATIENCE
    return [{"payment_id": p.id, "provider": p.provider, "reference": p.provider_reference} for p in claimed]


def ask_again(item: dict[str, Any]) -> None:
    """Ask the provider again; a charge that has no reference was never begun, and never will be."""
    if item["reference"] is None:
        raise CardDeclined("The charge was interrupted before it began; no money moved.")
    provider_called(item["provider"]).charge(item["reference"])


def settle_unanswered(work: Work, item: dict[str, Any], outcome: None, error: Exception | None) -> None:
    """Write down the answer; without one it is asked for again later."""
    if error is not None and not isinstance(error, (CardDeclined, ProviderUnreachable)):
        raise error
    settle_charge(work, item["payment_id"], error)


def _remember(work: Work, payment_id: str, reference: str) -> bool:
    _, payment = locked_payment(work, payment_id)
    if payment.state != "charging":
        return False
    payment.provider_reference = reference
    return True


def _ask(provider: str, reference: str) -> Exception | None:
    try:
        provider_called(provider).charge(reference)
    except (CardDeclined, ProviderUnreachable) as error:
        return error
    return None

"""Charging a card: asked for outside of any transaction, and asked for again when the answer was lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from chassis.work import Work
from contracts.errors import Conflict, Unavailable
from contracts.language import Request
from services.billing.cards import CardDeclined, NotAuthenticated, ProviderUnreachable, provider_called
from services.billing.payments.model import WITHDRAWN, Payment
from services.billing.payments.outcomes import came, did_not_come
from services.billing.payments.queries import locked_payment, payment_of, shown

PATIENCE = dt.timedelta(seconds=30)
"""After which a charge without an answer is asked for again; longer than a provider's limits together."""
BANK_ASKS = dt.timedelta(minutes=15)
"""So long a cardholder has to answer the bank (3-D Secure); the order is held for them meanwhile."""
ANSWERS = (CardDeclined, ProviderUnreachable, NotAuthenticated)


@dataclass(frozen=True)
class Charged:
    """What is charged: a provider's token, and whose it is there when it is a card on file."""

    provider: str
    token: str
    customer: str | None = None
    card_id: str | None = None


def charge(work: Work, payment: Payment, charged: Charged) -> None:
    """Charge the card; the payment is taken, failed, or stays `charging` until the provider or the bank answers."""
    provider = provider_called(charged.provider)
    payment_id = payment.id
    work.commit()
    try:
        reference = provider.prepare(
            amount=payment.amount,
            currency=payment.currency,
            token=charged.token,
            customer=charged.customer,
            key=payment_id,
            description=described(payment.order_number),
        )
    except (CardDeclined, ProviderUnreachable) as error:
        # No money moved: whoever stands at the till can try again at once.
        return settle_charge(work, payment_id, CardDeclined(str(error) or "The card provider is not reachable."))
    if not _remember(work, payment_id, reference):
        return None
    work.commit()
    return settle_charge(work, payment_id, _answer(lambda: provider.charge(reference)))


def described(order_number: int | None) -> str:
    """What the provider shows the cardholder."""
    return f"Order {order_number}" if order_number else "Membership"


def settle_charge(work: Work, payment_id: str, error: Exception | None) -> None:
    """Write down the provider's answer, unless it was written down already."""
    owed, payment = locked_payment(work, payment_id)
    if payment.state != "charging" or isinstance(error, ProviderUnreachable):
        return
    if error is None:
        came(work, owed, payment)
    elif isinstance(error, NotAuthenticated):
        _await_the_cardholder(work, payment)
    else:
        did_not_come(work, owed, payment, "failed", str(error))


def claim_unanswered(work: Work) -> list[dict[str, Any]]:
    """The charges that have waited too long for an answer, but for the run's, which looks after its own."""
    waiting = (
        select(Payment)
        .where(Payment.state == "charging", ~Payment.recurring, Payment.ask_again_at <= work.now)
        .order_by(Payment.ask_again_at)
        .limit(20)
        .with_for_update(skip_locked=True)
    )
    claimed = list(work.session.scalars(waiting))
    for payment in claimed:
        payment.ask_again_at = work.now + PATIENCE
    return [_item(payment, work.now) for payment in claimed]


def ask_again(item: dict[str, Any]) -> None:
    """Ask the provider again; a charge that has no reference was never begun, and never will be."""
    if item["reference"] is None:
        raise CardDeclined("The charge was interrupted before it began; no money moved.")
    provider = provider_called(item["provider"])
    if item["given_up"]:
        provider.give_up(item["reference"])
    else:
        provider.charge(item["reference"])


def settle_unanswered(work: Work, item: dict[str, Any], outcome: None, error: Exception | None) -> None:
    """Write down the answer; without one it is asked for again later."""
    if error is not None and not isinstance(error, ANSWERS):
        raise error
    settle_charge(work, item["payment_id"], error)


def authenticate_payment(work: Work, request: Request) -> dict[str, Any]:
    """Give the cardholder's browser what it needs to answer the bank."""
    payment = payment_of(work, request.payment_id)
    payment.must_await_the_cardholder()
    provider = provider_called(payment.provider or "")
    try:
        secret = provider.secret_of(payment.provider_reference or "")
    except (CardDeclined, ProviderUnreachable) as error:
        raise Unavailable("The card provider cannot be asked now.") from error
    return {"provider": provider.name, "client_secret": secret, "publishable_key": provider.publishable_key}


def cancel_payment(work: Work, request: Request) -> dict[str, Any]:
    """Wait for the cardholder no longer: the payment fails, unless they answered meanwhile and it is taken.

    A transfer is withdrawn by who announced it, while nobody has decided about it.
    """
    owed, payment = locked_payment(work, request.payment_id)
    if payment.state == "pending":
        _must_be_who_announced(work, payment)
        did_not_come(work, owed, payment, "failed", WITHDRAWN)
    elif payment.state != "failed":
        payment.must_await_the_cardholder()
        payment.authenticate_until = payment.ask_again_at = work.now  # should this process die, an errand does it
        payment.cause = work.cause_of(payment.contact_id).told
        item = _item(payment, work.now)
        work.commit()
        settle_charge(work, item["payment_id"], _answer(lambda: ask_again(item)))
    return shown(work.session.get_one(Payment, request.payment_id))


def _must_be_who_announced(work: Work, payment: Payment) -> None:
    if payment.asked_by_id != work.actor.id:
        raise Conflict("The transfer was announced by somebody else: it is approved or rejected.")


def _await_the_cardholder(work: Work, payment: Payment) -> None:
    """Look again by itself too: a webhook may never come."""
    if payment.authenticate_until is None:
        payment.authenticate_until = work.now + BANK_ASKS
        payment.version += 1


def _item(payment: Payment, now: dt.datetime) -> dict[str, Any]:
    return {
        "payment_id": payment.id,
        "cause": payment.cause,
        "provider": payment.provider,
        "reference": payment.provider_reference,
        "given_up": payment.authenticate_until is not None and payment.authenticate_until <= now,
    }


def _remember(work: Work, payment_id: str, reference: str) -> bool:
    _, payment = locked_payment(work, payment_id)
    if payment.state != "charging":
        return False
    payment.provider_reference = reference
    return True


def _answer(ask: Callable[[], None]) -> Exception | None:
    try:
        ask()
    except ANSWERS as error:
        return error
    return None

"""Hearing the provider: what it says is believed so far that one looks there."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.work import Work
from contracts.errors import Invalid, NotFound
from contracts.language import Request
from services.billing.cards import Notice, NotSigned, default_provider
from services.billing.cards_on_file.model import Card
from services.billing.notices.model import ProviderNotice
from services.billing.payments.model import Payment, Refund

KEPT = dt.timedelta(days=30)
"""Providers repeat what was not answered for some days."""
HEARD = {"received": True}


def hear_provider(work: Work, request: Request) -> dict[str, Any]:
    """Look at once at what a signed webhook is about, in whatever order they come; the same again changes nothing."""
    provider = default_provider()
    try:
        notice = provider.read_notice(request.payload, request.signature)
    except NotSigned as refusal:
        raise Invalid(str(refusal)) from None
    new = insert(ProviderNotice).values(
        provider=provider.name,
        id=notice.id[:200],
        kind=notice.kind[:200],
        contact_id=_about(work, provider.name, notice),
        heard_at=work.now,
    )
    if work.session.scalar(new.on_conflict_do_nothing().returning(ProviderNotice.id)) is not None:
        look_now(work, provider.name, reference=notice.reference, card_token=notice.card_token)
    return HEARD


def look_now(work: Work, provider: str, *, reference: str | None, card_token: str | None = None) -> None:
    """Ask the provider at once how a charge, its refunds, or a card on file stand."""
    now: dict[str, Any] = {"ask_again_at": work.now}
    if reference is not None:
        charging, asking = Payment.state == "charging", Refund.state == "asking"
        charge = _charge(provider, reference)
        work.session.execute(update(Payment).where(charge, charging).values(now))
        of_it = Refund.payment_id.in_(select(Payment.id).where(charge))
        work.session.execute(update(Refund).where(of_it, asking).values(now))
    if card_token is not None:
        now["cause"] = work.cause.told
        work.session.execute(update(Card).where(_card(provider, card_token)).values(now))
    work.wake()


def answer_test_bank(work: Work, request: Request) -> dict[str, Any]:
    """Be the cardholder at the bank of the test provider, which then tells us to look."""
    provider = default_provider()
    answer = getattr(provider, "answer_bank", None)
    reference = answer and answer(request.client_secret, approved=request.approved)
    if not reference:
        raise NotFound("No bank waits for this answer.")
    look_now(work, provider.name, reference=reference)
    return HEARD


def forget_old_notices(work: Work) -> None:
    """Forget what no provider repeats any more."""
    work.session.execute(delete(ProviderNotice).where(ProviderNotice.heard_at < work.now - KEPT))


def _about(work: Work, provider: str, notice: Notice) -> str | None:
    """The contact whose charge or card it is."""
    if notice.reference is not None:
        return work.session.scalar(select(Payment.contact_id).where(_charge(provider, notice.reference)))
    if notice.card_token is not None:
        return work.session.scalar(select(Card.contact_id).where(_card(provider, notice.card_token)))
    return None


def _charge(provider: str, reference: str) -> Any:
    return (Payment.provider == provider) & (Payment.provider_reference == reference)


def _card(provider: str, token: str) -> Any:
    return (Card.provider == provider) & (Card.token == token) & (Card.state == "on_file")

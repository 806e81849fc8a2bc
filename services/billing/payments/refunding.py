"""Giving money back: cash and transfers at once, cards through their provider, outside of any transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.ids import new_id
from chassis.work import Work
from contracts.language import Request
from services.billing.base import key_of, who
from services.billing.cards import CardDeclined, ProviderUnreachable, provider_called
from services.billing.payments.charging import PATIENCE
from services.billing.payments.model import Payment, Refund
from services.billing.payments.outcomes import went_back
from services.billing.payments.queries import locked_payment, shown


def refund_payment(work: Work, request: Request) -> dict[str, Any]:
    """Give money back; an order given back whole takes its packages back, and the contact is a lead again."""
    owed, payment = locked_payment(work, request.payment_id)
    key = key_of(work)
    if key and any(refund.asked_key == key for refund in payment.refunds):
        return shown(payment)
    refund = Refund(
        id=new_id(),
        payment_id=payment.id,
        contact_id=payment.contact_id,
        amount=payment.set_aside(request.amount),
        currency=payment.currency,
        state="asking",
        reason=request.reason or None,
        asked_by=who(work),
        asked_at=work.now,
        asked_key=key,
    )
    payment.refunds.append(refund)
    if payment.method == "card":
        refund.ask_again_at = work.now + PATIENCE
        item = _item(refund, payment)
        work.commit()
        settle_refund(work, item, _ask(item))
    else:
        went_back(work, owed, payment, refund)
    work.session.flush()
    return shown(work.session.get_one(Payment, request.payment_id))


def settle_refund(work: Work, item: dict[str, Any], error: Exception | None) -> None:
    """Write down the provider's answer, unless it was written down already."""
    owed, payment = locked_payment(work, item["payment_id"])
    refund = work.session.get_one(Refund, item["refund_id"], populate_existing=True)
    if refund.state != "asking" or isinstance(error, ProviderUnreachable):
        return
    if error is None:
        went_back(work, owed, payment, refund)
        return
    refund.state = "failed"
    refund.reason = str(error)
    payment.refunding -= refund.amount
    payment.version += 1


def claim_unanswered(work: Work) -> list[dict[str, Any]]:
    """The refunds that have waited too long for an answer."""
    waiting = (
        select(Refund, Payment)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Refund.state == "asking", Refund.ask_again_at <= work.now)
        .order_by(Refund.ask_again_at)
        .limit(20)
        .with_for_update(skip_locked=True, of=Refund)
    )
    claimed = work.session.execute(waiting).all()
    for refund, _ in claimed:
        refund.ask_again_at = work.now + PATIENCE
    return [_item(refund, payment) for refund, payment in claimed]


def ask_again(item: dict[str, Any]) -> None:
    """Ask the provider to give the money back; the refund's id is the key, so that it does it once."""
    provider_called(item["provider"]).give_back(item["reference"], amount=item["amount"], key=item["refund_id"])


def settle_unanswered(work: Work, item: dict[str, Any], outcome: None, error: Exception | None) -> None:
    """Write down the answer; without one it is asked for again later."""
    if error is not None and not isinstance(error, (CardDeclined, ProviderUnreachable)):
        raise error
    settle_refund(work, item, error)


def _item(refund: Refund, payment: Payment) -> dict[str, Any]:
    return {
        "refund_id": refund.id,
        "payment_id": payment.id,
        "amount": refund.amount,
        "provider": payment.provider,
        "reference": payment.provider_reference,
    }


def _ask(item: dict[str, Any]) -> Exception | None:
    try:
        ask_again(item)
    except (CardDeclined, ProviderUnreachable) as error:
        return error
    return None

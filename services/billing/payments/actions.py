"""Taking payments, and deciding about bank transfers."""

from __future__ import annotations

from typing import Any

from chassis.ids import new_id
from chassis.work import Work
from contracts.billing import payments as told
from contracts.errors import Conflict, Invalid
from contracts.language import Request
from services.billing.base import key_of, who
from services.billing.cards import default_provider
from services.billing.orders.queries import locked_order
from services.billing.payments.charging import PATIENCE, charge
from services.billing.payments.model import Payment
from services.billing.payments.outcomes import came, did_not_come, tell
from services.billing.payments.queries import asked_before, locked_payment, shown


def take_payment(work: Work, request: Request) -> dict[str, Any]:
    """Take cash or charge a card at once, or note a bank transfer until it is approved."""
    token = _card_token(request)
    order = locked_order(work, request.order_id)
    earlier = asked_before(work)
    if earlier is not None and earlier.order_id == order.id:
        return shown(earlier)
    payment = Payment(
        id=new_id(),
        order_id=order.id,
        order_number=order.number,
        contact_id=order.contact_id,
        method=request.method,
        amount=order.reserve(request.amount),
        refunded=0,
        refunding=0,
        currency=order.currency,
        state="charging" if token else "pending",
        asked_by=who(work),
        asked_at=work.now,
        asked_key=key_of(work),
        version=1,
    )
    work.session.add(payment)
    payment_id = payment.id
    if token:
        payment.provider = default_provider().name
        payment.ask_again_at = work.now + PATIENCE
        charge(work, payment, token)
    elif request.method == "cash":
        came(work, order, payment)
    else:
        tell(work, told.payment_pending, payment)
    work.session.flush()
    return shown(work.session.get_one(Payment, payment_id))


def approve_payment(work: Work, request: Request) -> dict[str, Any]:
    """The transfer arrived: it counts as charged. Approving twice is one approval."""
    order, payment = locked_payment(work, request.payment_id)
    payment.must_be_decidable()
    if payment.state == "rejected":
        raise Conflict("The transfer was rejected already.")
    if payment.state == "pending":
        came(work, order, payment)
    return shown(payment)


def reject_payment(work: Work, request: Request) -> dict[str, Any]:
    """The transfer did not arrive: the order stays open and the contact a lead. Rejecting twice is one rejection."""
    order, payment = locked_payment(work, request.payment_id)
    payment.must_be_decidable()
    if payment.state == "taken":
        raise Conflict("The transfer was approved already; refund it instead.")
    if payment.state == "pending":
        did_not_come(work, order, payment, "rejected", request.reason or None)
    return shown(payment)


def _card_token(request: Request) -> str | None:
    if request.method != "card":
        if request.card_token is not None:
            raise Invalid.field("/card_token", "Only a card payment has one.")
        return None
    token = request.card_token or default_provider().default_token
    if token is None:
        raise Invalid.field("/card_token", "A card payment needs the card provider's token.")
    return token

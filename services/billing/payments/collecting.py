"""The run of instalments: the next one of each plan is charged to the contact's default card when its day has come.

It goes as the renewal run does, and asks as that one does; an instalment is a payment of its order.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select

from chassis.ids import new_id
from chassis.work import Work
from services.billing.base import who
from services.billing.cards_on_file.model import Card
from services.billing.cards_on_file.queries import default_cards
from services.billing.orders.model import Order
from services.billing.payments.charging import PATIENCE
from services.billing.payments.model import Payment
from services.billing.payments.outcomes import came, did_not_come
from services.billing.payments.renewing import AFTER_TROUBLE, DECIDED, MOST_AT_ONCE, TOGETHER, Charge
from services.billing.plans.actions import fail
from services.billing.plans.model import Instalment, PaymentPlan
from services.billing.plans.queries import locked_plan
from services.billing.subscriptions.queries import not_archived, today_of
from services.billing.subscriptions.renewals import NO_CARD


def claim(work: Work) -> list[dict[str, Any]]:
    """Begin to charge the instalments whose day has come, and take what waits for an answer of the provider."""
    _begin_to_charge(work, today_of(work))
    waiting = (
        select(Payment, Card)
        .join(Card, Card.id == Payment.card_id)
        .where(
            Payment.state == "charging", Payment.recurring, Payment.instalment_id.is_not(None),
            Payment.ask_again_at <= work.now,
        )
        .order_by(Payment.ask_again_at, Payment.id)
        .limit(MOST_AT_ONCE)
        .with_for_update(skip_locked=True, of=Payment)
    )  # fmt: skip
    charges = []
    for payment, card in work.session.execute(waiting):
        payment.ask_again_at = work.now + PATIENCE
        charges.append(_charge(payment, card))
    return [{"charges": charges[start : start + TOGETHER]} for start in range(0, len(charges), TOGETHER)]


def settle(work: Work, item: dict[str, Any], outcome: list[Charge] | None, error: Exception | None) -> None:
    """Write down the answers; what got none is asked for again."""
    if outcome is None:
        raise error or RuntimeError("The provider was not asked.")
    answers = {charge["payment_id"]: charge for charge in outcome if charge["answer"] != "none"}
    orders = _locked_orders(work, [charge["order_id"] for charge in answers.values()])
    wanted = select(Payment).where(Payment.id.in_(answers), Payment.state == "charging").order_by(Payment.id)
    for payment in work.session.scalars(wanted.with_for_update().execution_options(populate_existing=True)).all():
        charge = answers[payment.id]
        if charge["answer"] not in DECIDED:
            payment.provider_reference = payment.provider_reference or charge.get("reference")
            payment.ask_again_at = work.now + (dt.timedelta() if charge["answer"] == "prepared" else AFTER_TROUBLE)
        elif charge["answer"] == "taken":
            came(work, orders[charge["order_id"]], payment)
        else:
            _declined(work, orders[charge["order_id"]], payment, charge["reason"])


def _declined(work: Work, order: Order, payment: Payment, reason: str) -> None:
    did_not_come(work, order, payment, "failed", reason)
    if order.payment_plan_id is not None and payment.instalment_id is not None:
        fail(work, locked_plan(work, order.payment_plan_id), payment.instalment_id, reason)


def _locked_orders(work: Work, order_ids: list[str]) -> dict[str, Order]:
    wanted = select(Order).where(Order.id.in_(sorted(set(order_ids)))).order_by(Order.id).with_for_update()
    return {order.id: order for order in work.session.scalars(wanted.execution_options(populate_existing=True))}


def _begin_to_charge(work: Work, today: dt.date) -> None:
    """Commit to charging what is to be tried today; without a card it has failed for this day.

    While another payment of the order is under way, whoever pays is charged nothing else.
    """
    due = (
        select(Order, PaymentPlan)
        .join(PaymentPlan, PaymentPlan.order_id == Order.id)
        .where(
            PaymentPlan.next_charge_on <= today, Order.state == "open", Order.under_way == 0,
            not_archived(PaymentPlan.contact_id),
        )
        .order_by(PaymentPlan.next_charge_on, PaymentPlan.id)
        .limit(MOST_AT_ONCE)
        .with_for_update(skip_locked=True)
    )  # fmt: skip
    pairs = work.session.execute(due.execution_options(populate_existing=True)).all()
    cards = default_cards(work, {plan.contact_id for _, plan in pairs})
    for order, plan in pairs:
        instalment, card = plan.first_open, cards.get(plan.contact_id)
        assert instalment is not None  # else it would have no day on which it is charged
        if card is None:
            fail(work, plan, instalment.id, NO_CARD)
        else:
            work.session.add(_payment(work, order, instalment, card))


def _payment(work: Work, order: Order, instalment: Instalment, card: Card) -> Payment:
    return Payment(
        id=new_id(),
        order_id=order.id,
        order_number=order.number,
        instalment_id=instalment.id,
        recurring=True,
        contact_id=order.contact_id,
        method="card",
        amount=order.reserve({"amount": instalment.left, "currency": order.currency}),
        refunded=0,
        refunding=0,
        currency=order.currency,
        state="charging",
        provider=card.provider,
        card_id=card.id,
        ask_again_at=work.now,
        asked_by=who(work),
        asked_at=work.now,
        version=1,
    )


def _charge(payment: Payment, card: Card) -> Charge:
    same = ("order_id", "provider", "amount", "currency")
    return {name: getattr(payment, name) for name in same} | {
        "payment_id": payment.id,
        "reference": payment.provider_reference,
        "description": f"Order {payment.order_number}",
        "token": card.token,
        "removed": card.state != "on_file",
        "customer": card.customer,
    }

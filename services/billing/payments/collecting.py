"""The run of instalments: the next one of each plan is charged to the contact's default card when its day has come.

It goes as the renewal run does, and asks as that one does; an instalment is a payment of its order.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from chassis.work import Work
from services.billing.cards_on_file.queries import default_cards
from services.billing.orders.model import Order
from services.billing.payments.asking import (
    MOST_AT_ONCE,
    Charge,
    answers_of,
    ask_on,
    awaiting,
    charge_alone,
    together,
    waiting,
    write_down,
)
from services.billing.payments.model import Payment
from services.billing.payments.outcomes import came, did_not_come
from services.billing.plans.actions import fail
from services.billing.plans.model import PaymentPlan
from services.billing.plans.queries import locked_plan
from services.billing.subscriptions.queries import not_archived, today_of
from services.billing.subscriptions.renewals import NO_CARD


def claim(work: Work) -> list[dict[str, Any]]:
    """Begin to charge the instalments whose day has come, and take what waits for an answer of the provider."""
    _begin_to_charge(work, today_of(work))
    return together(waiting(work, Payment.instalment_id))


def settle(work: Work, item: dict[str, Any], outcome: list[Charge] | None, error: Exception | None) -> None:
    """Write down the answers; what got none is asked for again."""
    decided, others = answers_of(outcome, error)
    ask_on(work, others | write_down(work, decided, _decide))


def _decide(work: Work, charges: Sequence[Charge]) -> None:
    """The money of each is there, or did not come."""
    answers = {charge["payment_id"]: charge for charge in charges}
    orders = _locked_orders(work, [charge["order_id"] for charge in charges])
    for payment in awaiting(work, answers):
        charge = answers[payment.id]
        if charge["answer"] == "taken":
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
            amount = order.reserve({"amount": instalment.left, "currency": order.currency})
            of = {"order_id": order.id, "order_number": order.number, "instalment_id": instalment.id}
            charge_alone(work, card, amount, order.currency, **of)

"""Transfers that hold off what would be charged by itself: for some days, and not for ever (decision 0320)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select

from chassis.work import Work
from services.billing.payments.model import LAPSED, Payment
from services.billing.payments.outcomes import did_not_come
from services.billing.payments.queries import locked_payment
from services.billing.plans.model import PaymentPlan
from services.billing.subscriptions.model import Renewal
from services.billing.subscriptions.queries import today_of

HELD_OFF = dt.timedelta(days=14)
"""So long after its day a charge waits for a transfer that was announced instead."""
MOST_AT_ONCE = 200


def let_transfers_lapse(work: Work) -> None:
    """Wait no longer for transfers in whose place the card would have been charged long ago: it is charged now.

    What nobody charges by itself waits for its transfer as long as the team likes.
    """
    charged_on = func.coalesce(Renewal.next_try_on, PaymentPlan.next_charge_on)
    pending = (
        select(Payment.id)
        .outerjoin(Renewal, Renewal.id == Payment.renewal_id)
        .outerjoin(PaymentPlan, PaymentPlan.order_id == Payment.order_id)
        .where(Payment.state == "pending", charged_on <= today_of(work) - HELD_OFF)
        .order_by(func.coalesce(Payment.renewal_id, Payment.order_id), Payment.id)
        .limit(MOST_AT_ONCE)
    )
    for payment_id in work.session.scalars(pending).all():
        owed, payment = locked_payment(work, payment_id)
        if payment.state == "pending":  # nobody decided between the look and the lock
            did_not_come(work, owed, payment, "failed", LAPSED)

"""The renewal run: what falls due is charged to the contact's default card, each cycle once whoever runs and dies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from chassis.flushing import written_together
from chassis.work import Work
from services.billing.cards_on_file.queries import default_cards
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
from services.billing.payments.outcomes import did_not_come, renew_with, take_all
from services.billing.subscriptions.falling_due import fall_due
from services.billing.subscriptions.model import RUNNING, Renewal, Subscription
from services.billing.subscriptions.queries import locked_renewals, not_archived, today_of
from services.billing.subscriptions.renewals import NO_CARD, fail


def claim(work: Work) -> list[dict[str, Any]]:
    """Begin to charge what is due, take what waits for an answer of the provider, and let fall due what does today."""
    today = today_of(work)
    with written_together(work.session):
        _begin_to_charge(work, today)
        charges = waiting(work, Payment.renewal_id)
        fall_due(work, today, most=MOST_AT_ONCE)  # last: it draws numbers of invoices
    return together(charges)


def settle(work: Work, item: dict[str, Any], outcome: list[Charge] | None, error: Exception | None) -> None:
    """Write down the answers; what got none is asked for again."""
    decided, others = answers_of(outcome, error)
    ask_on(work, others | write_down(work, decided, _decide))


def _decide(work: Work, charges: Sequence[Charge]) -> None:
    """The money of each is there, or did not come."""
    answers = {charge["payment_id"]: charge for charge in charges}
    charged = [charge["renewal_id"] for charge in charges]
    with written_together(work.session):
        pairs = {renewal.id: (subscription, renewal) for subscription, renewal in locked_renewals(work, charged)}
        paid = []
        for payment in awaiting(work, answers):
            charge = answers[payment.id]
            subscription, renewal = pairs[charge["renewal_id"]]
            if charge["answer"] == "taken":
                paid.append((subscription, renewal, payment))
            else:
                _declined(work, subscription, renewal, payment, charge["reason"])
        if paid:
            take_all(work, [payment for _, _, payment in paid])
            renew_with(work, paid)


def _declined(work: Work, subscription: Subscription, renewal: Renewal, payment: Payment, reason: str) -> None:
    did_not_come(work, renewal, payment, "failed", reason)
    if renewal.state == "open":
        fail(work, subscription, renewal, reason)


def _begin_to_charge(work: Work, today: dt.date) -> None:
    """Commit to charging what is to be tried today; without a card it stays open and has failed for this day."""
    due = (
        select(Subscription, Renewal)
        .join(Renewal, Renewal.subscription_id == Subscription.id)
        .where(
            Renewal.state == "open", Renewal.under_way == 0, Renewal.next_try_on <= today,
            Subscription.state.in_(RUNNING), not_archived(Renewal.contact_id),
        )
        .order_by(Renewal.next_try_on, Renewal.id)
        .limit(MOST_AT_ONCE)
        .with_for_update(skip_locked=True)
    )  # fmt: skip
    pairs = work.session.execute(due.execution_options(populate_existing=True)).all()
    cards = default_cards(work, {renewal.contact_id for _, renewal in pairs})
    for subscription, renewal in pairs:
        card = cards.get(renewal.contact_id)
        if card is None:
            fail(work, subscription, renewal, NO_CARD)
        else:
            charge_alone(work, card, renewal.reserve(None), renewal.currency, renewal_id=renewal.id)

"""Charging cards without anybody being there, many at a time, as every charge goes (decision 0300).

The intent is committed, the provider asked outside of any transaction for a reference, that committed, the money taken,
and the answer committed. What it is taken for, a cycle or an instalment, the runs know that call this.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import InstrumentedAttribute, lazyload

from chassis import telemetry
from chassis.halving import broken_of
from chassis.ids import new_id
from chassis.rows import update_rows
from chassis.work import Work
from services.billing.base import who
from services.billing.cards import CardDeclined, CardProvider, NotAuthenticated, ProviderUnreachable, provider_called
from services.billing.cards_on_file.model import Card
from services.billing.payments.charging import PATIENCE, described
from services.billing.payments.model import Payment
from services.billing.subscriptions.falling_due import AFTER_TROUBLE
from services.billing.subscriptions.renewals import NO_CARD

MOST_AT_ONCE = 400
TOGETHER = 50
"""So many are asked one after the other, and their answers written down in one transaction."""
ASKING_LASTS = PATIENCE / 2
"""After which no further one is asked for: nobody else is to ask for it meanwhile."""
LEFT = {"answer": "left"}
AT_ONCE = ("prepared", "left")
DECIDED = ("taken", "declined")
_ASKED = (
    Payment.id.label("payment_id"), Payment.renewal_id, Payment.order_id, Payment.order_number, Payment.provider,
    Payment.amount, Payment.currency, Payment.provider_reference.label("reference"), Card.token, Card.customer,
    (Card.state != "on_file").label("removed"),
)  # fmt: skip
Charge = dict[str, Any]
Answers = dict[str, Charge]
log = telemetry.logger(__name__)


def charge_alone(work: Work, card: Card, amount: int, currency: str, **of: Any) -> None:
    """Have this much charged to the card without anybody being there; `of` says what for."""
    payment = Payment(
        id=new_id(),
        recurring=True,
        contact_id=card.contact_id,
        method="card",
        amount=amount,
        refunded=0,
        refunding=0,
        currency=currency,
        state="charging",
        provider=card.provider,
        card_id=card.id,
        ask_again_at=work.now,
        asked_by=who(work),
        asked_at=work.now,
        version=1,
        **of,
    )
    work.session.add(payment)


def waiting(work: Work, of: InstrumentedAttribute[str | None]) -> list[Charge]:
    """What is to be asked now of the payments of a kind; nobody else asks for it until our patience is over."""
    oldest = (
        select(Payment.id)
        .where(Payment.state == "charging", Payment.recurring, of.is_not(None))
        .where(Payment.ask_again_at <= work.now)
        .order_by(Payment.ask_again_at, Payment.id)
        .limit(MOST_AT_ONCE)
        .with_for_update(skip_locked=True)
        .cte("oldest")
    )
    claimed = (
        update(Payment)
        .where(Payment.id == oldest.c.id, Card.id == Payment.card_id)
        .values(ask_again_at=work.now + PATIENCE)
        .returning(*_ASKED)
        .execution_options(synchronize_session=False)
    )
    found = work.session.execute(claimed).mappings()
    return [{**row, "description": described(row["order_number"])} for row in found]


def together(charges: list[Charge]) -> list[dict[str, Any]]:
    """So many at a time, for `ask`."""
    return [{"charges": charges[start : start + TOGETHER]} for start in range(0, len(charges), TOGETHER)]


def ask(item: dict[str, Any]) -> list[dict[str, Any]]:
    """Ask the provider for each: first for a reference, and for the money once that is committed.

    Where it is slow some are left for the next time.
    """
    until = time.monotonic() + ASKING_LASTS.total_seconds()
    return [charge | (_answer(charge) if time.monotonic() < until else LEFT) for charge in item["charges"]]


def _answer(charge: Charge) -> dict[str, Any]:
    """What came of it; one that breaks, whatever it is, keeps no other from being asked and written down."""
    try:
        return _asked(provider_called(charge["provider"]), charge)
    except ProviderUnreachable:
        return {"answer": "none"}
    except CardDeclined as refusal:
        return {"answer": "declined", "reason": str(refusal) or "card_declined"}
    except Exception:
        log.exception("renewal not charged", payment=charge["payment_id"], provider=charge["provider"])
        return {"answer": "trouble"}


def _asked(provider: CardProvider, charge: Charge) -> dict[str, Any]:
    if charge["reference"] is None and charge["removed"]:
        raise CardDeclined(NO_CARD)
    if charge["reference"] is None:
        asked = {name: charge[name] for name in ("amount", "currency", "token", "customer", "description")}
        return {"answer": "prepared", "reference": provider.prepare(**asked, key=charge["payment_id"])}
    _take_money(provider, charge["reference"], removed=charge["removed"])
    return {"answer": "taken"}


def _take_money(provider: CardProvider, reference: str, *, removed: bool) -> None:
    """Nobody sits there to answer a bank: what it would ask for is declined; so is a card that is removed by now."""
    if removed:
        return provider.give_up(reference)
    try:
        provider.charge(reference, off_session=True)
    except NotAuthenticated:
        provider.give_up(reference)


def answers_of(outcome: list[Charge] | None, error: Exception | None) -> tuple[Answers, Answers]:
    """What was decided, by payment, and what else was answered."""
    if outcome is None:
        raise error or RuntimeError("The provider was not asked.")
    answers = {charge["payment_id"]: charge for charge in outcome if charge["answer"] != "none"}
    decided = {id: charge for id, charge in answers.items() if charge["answer"] in DECIDED}
    return decided, {id: charge for id, charge in answers.items() if id not in decided}


def awaiting(work: Work, payment_ids: Collection[str]) -> Sequence[Payment]:
    """Of these payments those that wait for an answer still."""
    wanted = select(Payment).where(_await(payment_ids)).order_by(Payment.id)
    wanted = wanted.options(lazyload(Payment.refunds)).with_for_update()
    return work.session.scalars(wanted.execution_options(populate_existing=True)).all()


def ask_on(work: Work, charges: Mapping[str, Charge]) -> None:
    """These have a reference now, for which the money is taken next, or were left, or broke; by payment."""
    if not charges:
        return
    held = select(Payment.id, Payment.provider_reference).where(_await(charges)).order_by(Payment.id).with_for_update()
    rows = [
        {
            "id": id,
            "provider_reference": reference or charges[id]["reference"],
            "ask_again_at": work.now if charges[id]["answer"] in AT_ONCE else work.now + AFTER_TROUBLE,
        }
        for id, reference in work.session.execute(held)
    ]
    update_rows(work.session, Payment.__table__, rows)


def _await(payment_ids: Collection[str]) -> ColumnElement[bool]:
    return Payment.id.in_(sorted(payment_ids)) & (Payment.state == "charging")


def write_down(work: Work, decided: Mapping[str, Charge], decide: Callable[[Work, Sequence[Charge]], None]) -> Answers:
    """Write down what was decided; one for which that breaks, whatever it is, holds up no other. Tell which do."""
    broken = broken_of(work, list(decided.values()), partial(decide, work)) if decided else []
    for charge, error in broken:
        log.error("answer not written down", payment=charge["payment_id"], exc_info=error)
    return {charge["payment_id"]: charge | {"answer": "trouble"} for charge, _ in broken}

"""Taking payments, and deciding about bank transfers."""

from __future__ import annotations

from typing import Any

from chassis.ids import new_id
from chassis.work import Work
from contracts.billing import payments as told
from contracts.errors import Conflict, Forbidden, Invalid
from contracts.language import Request, Rpc
from services.billing.base import key_of, who
from services.billing.cards import default_provider
from services.billing.cards_on_file.queries import card_to_charge
from services.billing.credit.actions import hold_account, move
from services.billing.orders.model import Order
from services.billing.orders.queries import locked_order
from services.billing.payments.charging import PATIENCE, Charged, charge
from services.billing.payments.model import Payment
from services.billing.payments.outcomes import came, did_not_come, tell
from services.billing.payments.queries import Owed, asked_before, locked_payment, shown
from services.billing.plans.actions import instalment_to_pay
from services.billing.plans.queries import locked_plan, order_of_instalment, order_of_plan
from services.billing.subscriptions.queries import locked_renewal


def take_payment(work: Work, request: Request) -> dict[str, Any]:
    """Take cash or charge a card at once, or note a bank transfer until it is approved."""
    order = locked_order(work, request.order_id)
    _must_not_split(work, request, order)
    return _taken(work, request, told.take_payment, order, request.amount, **_of(order))


def pay_instalment(work: Work, request: Request) -> dict[str, Any]:
    """Pay what is left of the instalment that is next, in one of the ways in which an order is paid."""
    order = locked_order(work, order_of_instalment(work, request.instalment_id))
    earlier = asked_before(work, told.pay_instalment, order)
    if earlier is not None:
        return shown(earlier)
    plan = locked_plan(work, order.payment_plan_id or "")
    left = instalment_to_pay(work, request.instalment_id, plan, under_way=order.under_way)
    of = {**_of(order), "instalment_id": request.instalment_id}
    return _taken(work, request, told.pay_instalment, order, left, **of)


def pay_off_plan(work: Work, request: Request) -> dict[str, Any]:
    """Pay all that is left of a plan, and not under way, in one payment."""
    order = locked_order(work, order_of_plan(work, request.payment_plan_id))
    return _taken(work, request, told.pay_off_plan, order, None, **_of(order))


def pay_renewal(work: Work, request: Request) -> dict[str, Any]:
    """Pay a cycle that is open, all of it, in one of the ways in which an order is paid."""
    _, renewal = locked_renewal(work, request.renewal_id)
    return _taken(work, request, told.pay_renewal, renewal, request.amount, renewal_id=renewal.id)


def _of(order: Order) -> dict[str, Any]:
    return {"order_id": order.id, "order_number": order.number}


def _taken(
    work: Work, request: Request, rpc: Rpc, owed: Owed, amount: dict[str, Any] | None, **of: Any
) -> dict[str, Any]:
    earlier = asked_before(work, rpc, owed)
    if earlier is not None:
        return shown(earlier)
    _must_take(work, request.method)
    charged = _charged(work, request, owed.contact_id)
    payment = Payment(
        id=new_id(),
        **of,
        recurring=False,
        contact_id=owed.contact_id,
        method=request.method,
        amount=owed.reserve(amount),
        refunded=0,
        refunding=0,
        currency=owed.currency,
        state="charging" if charged else "pending",
        asked_by=who(work),
        asked_by_id=work.actor.id,
        asked_at=work.now,
        asked_key=key_of(work, rpc),
        version=1,
    )
    work.session.add(payment)
    payment_id = payment.id
    if charged:
        payment.provider, payment.card_id = charged.provider, charged.card_id
        payment.ask_again_at, payment.cause = work.now + PATIENCE, work.cause_of(owed.contact_id).told
        charge(work, payment, charged)
    elif request.method == "account_credit":
        came(work, owed, payment)
        spend(work, payment)  # last: an account is held after subscriptions, and before numbers
    elif request.method == "cash":
        came(work, owed, payment)
    else:
        tell(work, told.payment_pending, payment)
    work.session.flush()
    return shown(work.session.get_one(Payment, payment_id))


def _must_take(work: Work, method: str) -> None:
    """Refuse to write down cash to who takes none; all else is charged here, or decided by somebody else."""
    if method == "cash" and not work.actor.may("billing.sell"):
        words = "Cash is taken by the team."
        raise Forbidden(words, [{"pointer": "/method", "detail": words}])


def _must_not_split(work: Work, request: Request, order: Order) -> None:
    """Refuse a part of what is due to who may not sell; but for credit, of which there may be less."""
    if request.amount is None or request.method == "account_credit" or work.actor.may("billing.sell"):
        return
    left = order.due - order.under_way
    if request.amount["amount"] < left:
        raise Invalid.field("/amount/amount", f"All that is due is paid at once: {left}.")


def spend(work: Work, payment: Payment) -> None:
    """Take it from the contact's credit, or refuse what is more than there is."""
    account = hold_account(work, payment.contact_id, payment.currency)
    account.must_have(payment.amount)
    move(work, account, "spent", -payment.amount, None, reason=_what_for(payment))


def _what_for(payment: Payment) -> str:
    return "Renewal" if payment.order_number is None else f"Order {payment.order_number}"


def approve_payment(work: Work, request: Request) -> dict[str, Any]:
    """The transfer arrived: it counts as charged. Approving twice is one approval."""
    owed, payment = locked_payment(work, request.payment_id)
    payment.must_be_decidable()
    if payment.state == "rejected":
        raise Conflict("The transfer was rejected already.")
    if payment.state == "pending":
        came(work, owed, payment)
    return shown(payment)


def reject_payment(work: Work, request: Request) -> dict[str, Any]:
    """The transfer did not arrive: the order stays open and the contact a lead. Rejecting twice is one rejection."""
    owed, payment = locked_payment(work, request.payment_id)
    payment.must_be_decidable()
    if payment.state == "taken":
        raise Conflict("The transfer was approved already; refund it instead.")
    if payment.state == "pending":
        did_not_come(work, owed, payment, "rejected", request.reason or None)
    return shown(payment)


def _charged(work: Work, request: Request, contact_id: str) -> Charged | None:
    """What is charged: the card that is named, else the contact's default, else what the provider has for nobody.

    That last one is the till's alone: who pays for themselves has a card.
    """
    if request.method != "card":
        for field in ("card_token", "card_id"):
            if field in request:
                raise Invalid.field(f"/{field}", "Only a card payment has one.")
        return None
    if request.card_token is not None:
        if request.card_id is not None:
            raise Invalid.field("/card_id", "Send either a card on file or a token.")
        return Charged(default_provider().name, request.card_token)
    card = card_to_charge(work, contact_id, request.card_id)
    if card is not None:
        return Charged(card.provider, card.token, card.customer, card.id)
    provider = default_provider()
    if provider.default_token is None or not work.actor.may("billing.sell"):
        raise Invalid.field("/card_token", "The contact has no card on file: a token of the card provider is needed.")
    return Charged(provider.name, provider.default_token)

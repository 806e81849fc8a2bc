"""Giving money back: cash, transfers and credit at once, cards through their provider, outside of any transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.work import Work
from contracts.billing import payments as told
from contracts.errors import Conflict, Invalid
from contracts.language import Request
from services.billing.base import key_of
from services.billing.cards import CardDeclined, ProviderUnreachable, provider_called
from services.billing.credit.actions import hold_account
from services.billing.orders.actions import undo
from services.billing.orders.model import Order
from services.billing.orders.queries import hold_subscriptions, locked_order, shown as order_shown
from services.billing.payments.allotting import Shares, shares_named, shares_of, take_from
from services.billing.payments.charging import PATIENCE
from services.billing.payments.model import Payment, Refund
from services.billing.payments.outcomes import GIVEN_BACK, asked, went_back
from services.billing.payments.queries import Owed, given_back_before, locked_payment, payments_to_give_back, shown
from services.billing.plans.actions import set_automatic
from services.billing.plans.queries import locked_plan


def refund_payment(work: Work, request: Request) -> dict[str, Any]:
    """Give money back; an order given back whole takes its packages back, and the contact is a lead again."""
    owed, payment = locked_payment(work, request.payment_id)
    if given_back_before(work, told.refund_payment, payment):
        return shown(payment)
    _charge_no_more(work, owed)
    named = shares_named(work, owed, request)
    if _were_free(work, owed, named, request):
        return shown(payment)
    wanted = request.amount
    if named is not None:
        wanted = {"amount": sum(named.values()), "currency": owed.currency}
        if wanted["amount"] > payment.left:
            raise Invalid.field("/items", f"No more than {payment.left} of this payment is left.")
    amount = payment.set_aside(wanted)
    shares = shares_of(work, owed, amount) if named is None else named
    key = key_of(work, told.refund_payment)
    refund = _asked(work, payment, amount, shares, request, key, by_item=named is not None)
    _carry_out(work, owed, [(payment, refund)])
    return shown(work.session.get_one(Payment, request.payment_id))


def refund_order(work: Work, request: Request) -> dict[str, Any]:
    """Give money back of an order, of its newest payments first; otherwise as of a payment."""
    order = locked_order(work, request.order_id)
    payments = payments_to_give_back(work, order.id)
    if given_back_before(work, told.refund_order, order):
        return order_shown(order)
    _charge_no_more(work, order)
    named = shares_named(work, order, request)
    if _were_free(work, order, named, request):
        return order_shown(order)
    amount = _amount_of(order, request, named, left=sum(payment.left for payment in payments))
    shares = shares_of(work, order, amount) if named is None else named
    refunds: list[tuple[Payment, Refund]] = []
    for payment in payments:
        part = min(amount, payment.left)
        if part:
            amount -= part
            payment.set_aside({"amount": part, "currency": order.currency})
            key = key_of(work, told.refund_order, len(refunds))  # the key is the call's, and unique
            refund = _asked(work, payment, part, take_from(shares, part), request, key, by_item=named is not None)
            refunds.append((payment, refund))
    if len(refunds) > 1:
        _hold_for_all(work, order, refunds)
    _carry_out(work, order, refunds)
    return order_shown(work.session.get_one(Order, request.order_id))


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


def _charge_no_more(work: Work, owed: Owed) -> None:
    """Whoever is given something back is charged no further instalments by themselves, from this moment on."""
    if not isinstance(owed, Order) or owed.payment_plan_id is None or owed.state != "open":
        return
    if owed.under_way:
        raise Conflict(f"A payment of order {owed.number} is under way: await, approve or reject it first.")
    set_automatic(work, locked_plan(work, owed.payment_plan_id), False, "Something is given back.")


def _were_free(work: Work, owed: Owed, named: Shares | None, request: Request) -> bool:
    """Take back at once what is named and cost nothing, and leave the others; tell whether there are none."""
    free = {item_id for item_id, share in (named or {}).items() if share == 0}
    if named is None or not isinstance(owed, Order) or not free:
        return False
    only = [item.assignment_id for item in owed.items if item.id in free]
    undo(work, owed, request.reason or GIVEN_BACK, only=only)
    owed.version += 1
    for item_id in free:
        del named[item_id]
    return not named


def _amount_of(order: Order, request: Request, named: Shares | None, *, left: int) -> int:
    """How much is asked for of an order: all that came, unless an amount or items say less."""
    if left == 0:
        raise Conflict(f"Nothing of order {order.number} is left to give back.")
    if request.amount is not None and request.amount["currency"] != order.currency:
        raise Invalid.field("/amount/currency", f"The order is in {order.currency}.")
    if named is not None:
        amount, pointer = sum(named.values()), "/items"
    elif request.amount is not None:
        amount, pointer = int(request.amount["amount"]), "/amount/amount"
    else:
        return left
    if amount > left:
        raise Invalid.field(pointer, f"No more than {left} of what was paid is left.")
    return amount


def _asked(
    work: Work,
    payment: Payment,
    amount: int,
    shares: Shares | None,
    request: Request,
    key: str | None,
    *,
    by_item: bool,
) -> Refund:
    to_credit = request.to == "account_credit" or payment.method == "account_credit"
    more = {"shares": shares, "by_item": by_item, "asked_key": key}
    return asked(work, payment, amount, reason=request.reason or None, to_credit=to_credit, **more)


def _hold_for_all(work: Work, order: Order, refunds: list[tuple[Payment, Refund]]) -> None:
    """Hold what the last of them needs before the first one draws the number of its credit note."""
    hold_subscriptions(work, order.contact_id)
    if any(refund.to_credit for _, refund in refunds):
        hold_account(work, order.contact_id, order.currency)


def _carry_out(work: Work, owed: Owed, refunds: list[tuple[Payment, Refund]]) -> None:
    """Give back at once what needs nobody else; then, with nothing held, ask the provider for the cards'."""
    to_ask = []
    for payment, refund in refunds:
        if payment.method == "card" and not refund.to_credit:
            refund.ask_again_at, refund.cause = work.now + PATIENCE, work.cause_of(refund.contact_id).told
            to_ask.append(_item(refund, payment))
        else:
            went_back(work, owed, payment, refund)
    for item in to_ask:
        work.commit()
        settle_refund(work, item, _ask(item))
    work.session.flush()


def _item(refund: Refund, payment: Payment) -> dict[str, Any]:
    return {
        "refund_id": refund.id,
        "cause": refund.cause,
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

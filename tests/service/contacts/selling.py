"""A sale as one contact meets it, and whoever else has a part in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from chassis.work import Work
from contracts.billing import (
    credit,
    drafts,
    invoices,
    orders,
    packages,
    payments,
    plans,
    promo_codes,
    rewards,
    sharing,
    subscriptions,
)
from contracts.contacts import relations
from contracts.language import Rpc
from contracts.pipeline import leads
from services.billing.assignments.actions import end_expired
from services.billing.subscriptions.passing import pass_time
from services.contacts.service import Contacts
from services.pipeline.service import Pipeline
from tests.service.billing.collecting import THREE
from tests.service.billing.renewing import Studio
from tests.service.contacts.posting import World

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
PRICE, HALF = {"amount": 4900, "currency": "EUR"}, {"amount": 2450, "currency": "EUR"}
CODE = "FIRSTSTEPS"
FEW_DAYS = {"valid_days": 10}
PACKAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "member": ("membership", {}),
    "family": ("membership", {"seats": 2}),
    "order": ("course", {"included_sessions": 10}),
    "plan": ("course", {"included_sessions": 10, "payment_plans": [THREE]}),
    "short": ("credit_pack", FEW_DAYS | {"included_sessions": 10}),
    "trial": ("trial", {"price": PRICE | {"amount": 0}}),
    "brief": ("trial", FEW_DAYS | {"price": PRICE | {"amount": 0}}),
}
"""What is sold, with the kind and the terms of each."""
ORDERED_AS: dict[str, tuple[str, dict[str, Any]]] = {
    "plan": ("plan", {"payment_plan": {"key": "three"}}),
    "cheaper": ("order", {"discount": {"basis_points": 2500, "reason": "first of the month"}}),
    "coded": ("order", {"promo_code": CODE}),
    "gift": ("order", {"discount": {"basis_points": 10_000, "reason": "a present"}}),
    "present": ("member", {"discount": {"basis_points": 10_000, "reason": "a present"}}),
}
"""What is ordered otherwise than plainly: the package, and what is said of it."""


def put_on_sale(studio: Studio) -> dict[str, str]:
    """The ids of what is sold, by name."""
    studio.ask(promo_codes.create_promo_code, code=CODE, basis_points=1000)
    told = {name: {"name": name, "kind": kind, "price": PRICE} | more for name, (kind, more) in PACKAGES.items()}
    return {name: studio.ask(packages.create_package, **terms)["id"] for name, terms in told.items()}


class Sale:
    """What happens to one contact; each word is something that does.

    `relative:cash` happens to somebody related to the contact, and `friend:cash` to whom the contact brought along.
    """

    def __init__(self, world: World, studio: Studio, wares: dict[str, str], contact_id: str) -> None:
        self.world, self.studio, self.wares, self.contact_id = world, studio, wares, contact_id
        self.others: dict[str, Sale] = {}
        self.order: dict[str, Any] = {}
        self.payment_id = ""

    def plays(self, words: str) -> None:
        for word in words.split():
            self.happens(word)

    def happens(self, word: str) -> None:
        other, _, what = word.rpartition(":")
        if other:
            self._other(other).happens(what)
        elif what in self.wares or what in ORDERED_AS:
            self._place(what)
        else:
            getattr(self, what)()
        self.studio.clockwork.now = NOON

    def draft(self) -> None:
        items = [{"package_id": self.wares["order"]}]
        self.order = self.studio.ask(drafts.draft_order, contact_id=self.contact_id, items=items)

    def place(self) -> None:
        self.order = self.studio.ask(drafts.place_draft, order_id=self.order["id"])

    def cancel(self) -> None:
        self.studio.ask(orders.cancel_order, order_id=self.order["id"])

    def cash(self) -> None:
        self._pay("cash")

    def half(self) -> None:
        self._pay("cash", amount=HALF)

    def balance(self) -> None:
        told = {"amount": PRICE, "reason": "a present"}
        self.studio.ask(credit.grant_credit, contact_id=self.contact_id, **told)
        self._pay("account_credit")

    def card(self) -> None:
        self._pay("card", card_token="tok_visa")

    def decline(self) -> None:
        self.studio.provider.mood = "declines"
        self._pay("card", card_token="tok_declined")
        self.studio.provider.mood = None

    def transfer(self) -> None:
        self._pay("bank_transfer")

    def approve(self) -> None:
        self.studio.ask(payments.approve_payment, payment_id=self.payment_id)

    def reject(self) -> None:
        self.studio.ask(payments.reject_payment, payment_id=self.payment_id)

    def instalment(self) -> None:
        of_plan = self.studio.ask(plans.list_instalments, payment_plan_id=self.order["payment_plan_id"])["items"]
        following = next(one for one in of_plan if one["state"] in ("planned", "due"))
        paid = self.studio.ask(payments.pay_instalment, instalment_id=following["id"], method="cash")
        self.payment_id = paid["id"]

    def payoff(self) -> None:
        self.studio.ask(payments.pay_off_plan, payment_plan_id=self.order["payment_plan_id"], method="cash")

    def writeoff(self) -> None:
        told = {"invoice_id": self.order["invoice_id"], "reason": "nobody expects it"}
        self.studio.ask(invoices.write_off_invoice, **told)

    def refund(self) -> None:
        self.studio.ask(payments.refund_payment, payment_id=self.payment_id)

    def part(self) -> None:
        self.studio.ask(payments.refund_payment, payment_id=self.payment_id, amount=HALF)

    def back(self) -> None:
        self.studio.ask(payments.refund_order, order_id=self.order["id"])

    def pause(self) -> None:
        self._change(subscriptions.pause_subscription)

    def resume(self) -> None:
        self._change(subscriptions.resume_subscription)

    def stop(self) -> None:
        self._change(subscriptions.cancel_subscription, when="now")

    def lapse(self) -> None:
        self._change(subscriptions.cancel_subscription)
        self._after(dt.timedelta(days=40), pass_time)

    def expire(self) -> None:
        """Whatever anybody has for some days alone."""
        self._after(dt.timedelta(days=20), end_expired)

    def unpaid(self) -> None:
        for day in ("2026-12-22", "2026-12-23", "2026-12-25", "2026-12-29"):
            self.studio.go(day)

    def given_up(self) -> None:
        self.studio.go("2027-01-29")

    def seat(self) -> None:
        self._of_seat(sharing.add_subscription_member)

    def leave(self) -> None:
        self._of_seat(sharing.remove_subscription_member)

    def rewarded(self) -> None:
        """All that was told is heard, while a referral earns a free cycle."""
        self.studio.ask(rewards.change_reward_rule, kind="free_cycle", credit=None)
        self.world.deliver()
        self.studio.ask(rewards.change_reward_rule, kind="credit", credit=PRICE)

    def interested(self) -> None:
        """Somebody drags the lead to another stage."""
        self.world.deliver()
        with self.world.pipeline.reading() as work:
            stage_id = str(work.session.scalar(sa.text("SELECT id FROM stages WHERE name = 'Interested'")))
        told = {"contact_id": self.contact_id, "stage_id": stage_id}
        self.world.pipeline.ask(Pipeline, leads.move_lead, **told)

    def _other(self, who: str) -> Sale:
        if who not in self.others:
            [contact_id] = self.world.enter(1, brought_by=self.contact_id if who == "friend" else None)
            if who == "relative":
                related = {"contact_id": contact_id, "related_id": self.contact_id, "kind": "family"}
                self.world.contacts.ask(Contacts, relations.add_relation, **related)
            self.others[who] = Sale(self.world, self.studio, self.wares, contact_id)
        return self.others[who]

    def _place(self, ware: str) -> None:
        package, said = ORDERED_AS.get(ware, (ware, {}))
        items = [{"package_id": self.wares[package]}]
        self.order = self.studio.ask(orders.place_order, contact_id=self.contact_id, items=items, **said)

    def _pay(self, method: str, **by: Any) -> None:
        told = {"order_id": self.order["id"], "method": method} | by
        self.payment_id = self.studio.ask(payments.take_payment, **told)["id"]

    def _of_seat(self, rpc: Rpc) -> None:
        newest = self._other("relative").newest()
        self.studio.ask(rpc, subscription_id=newest["id"], contact_id=self.contact_id)

    def _change(self, rpc: Rpc, **told: Any) -> None:
        self.studio.ask(rpc, subscription_id=self.newest()["id"], **told)

    def newest(self) -> dict[str, Any]:
        """The contact's newest subscription."""
        return self.studio.ask(subscriptions.list_subscriptions, contact_id=self.contact_id)["items"][0]

    def _after(self, days: dt.timedelta, does: Callable[[Work], None]) -> None:
        self.studio.clockwork.now += days
        with self.studio.clockwork.work() as work:
            does(work)

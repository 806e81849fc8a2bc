"""Orders by instalments on a clock that a test moves, and the run that charges them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from chassis.ids import new_id
from contracts.billing import accounts, cards, orders, packages, payments, plans
from services.acquaintance import known_contacts
from services.billing.payments import asking, collecting
from services.billing.payments.lapsing import let_transfers_lapse
from services.billing.plans.passing import let_instalments_fall_due, let_plans_fall_behind
from tests.service.billing.renewing import Studio

THREE = {"key": "three", "instalments": 3, "interval": {"unit": "month"}}
A_DAY = dt.timedelta(days=1)


class Collecting:
    """A studio whose orders are paid by instalments."""

    def __init__(self, studio: Studio) -> None:
        self.studio, self.ask, self.provider = studio, studio.ask, studio.provider

    def a_buyer(self, *, card: bool = True) -> str:
        """Somebody whom billing knows."""
        contact_id = new_id()
        known = {"contact_id": contact_id, "display_name": "Bea", "standing": "active", "version": 1, "complete": True}
        with self.studio.clockwork.work() as work:
            work.session.execute(sa.insert(known_contacts).values(known))
        if card:
            self.ask(cards.add_card, contact_id=contact_id, payment_method="tok")
        return contact_id

    def an_order(self, *, card: bool = True, begun: bool = True, plan: Any = THREE, **more: Any) -> dict[str, Any]:
        """An order of a course of 100.00 on such a plan, its first instalment paid in cash."""
        price = {"amount": 10000, "currency": "EUR"}
        terms = {"name": "Yoga from scratch", "kind": "course", "included_sessions": 10, "price": price}
        course = self.ask(packages.create_package, **terms | {"payment_plans": [plan]} | more)
        items, asked = [{"package_id": course["id"]}], {"key": plan["key"]}
        buyer = self.a_buyer(card=card)
        order = self.ask(orders.place_order, contact_id=buyer, items=items, payment_plan=asked)
        if begun:
            self.pay_next(order)
        return order

    def plan(self, order: dict[str, Any]) -> dict[str, Any]:
        """The order's plan as it stands."""
        return self.ask(plans.get_payment_plan, payment_plan_id=order["payment_plan_id"])

    def instalments(self, order: dict[str, Any]) -> list[dict[str, Any]]:
        """The order's instalments as they stand."""
        return self.ask(plans.list_instalments, payment_plan_id=order["payment_plan_id"])["items"]

    def pay_next(self, order: dict[str, Any], method: str = "cash") -> dict[str, Any]:
        """Pay the next instalment by hand."""
        following = next(each for each in self.instalments(order) if each["state"] in ("planned", "due"))
        return self.ask(payments.pay_instalment, instalment_id=following["id"], method=method)

    def payments(self, order: dict[str, Any]) -> list[dict[str, Any]]:
        """What was paid for the order, or tried to be, the oldest first."""
        return self.ask(payments.list_payments, order_id=order["id"])["items"][::-1]

    def order(self, order: dict[str, Any]) -> dict[str, Any]:
        """The order as it stands."""
        return self.ask(orders.get_order, order_id=order["id"])

    def dues(self, order: dict[str, Any]) -> int:
        """What whoever ordered owes, by the books."""
        account = self.ask(accounts.get_account, contact_id=order["contact_id"])
        return sum(due["amount"] for due in account["dues"])

    def package(self, order: dict[str, Any]) -> str:
        """How what was ordered stands."""
        return self.ask(orders.list_assignments, contact_id=order["contact_id"])["items"][0]["state"]

    def told(self, order: dict[str, Any]) -> list[str]:
        """What was told of plan, instalments, packages and order."""
        types = sa.text("SELECT type FROM events WHERE subject = :contact ORDER BY seq")
        with self.studio.clockwork.reading() as work:
            found = work.session.execute(types, {"contact": order["contact_id"]}).scalars()
            return [type for type in found if type.split(".")[0] in ("payment_plan", "instalment", "package", "order")]

    def live(self, until: str) -> None:
        """Until that day, and on the days on which something might happen whatever does so by itself has happened."""
        last = dt.date.fromisoformat(until)
        while self.studio.clockwork.now.date() < last:
            self.studio.clockwork.now += A_DAY
            if self.studio.clockwork.now.day in (*range(1, 11), 28, 31):
                self.run()

    def run(self) -> None:
        """What happens by itself at this moment."""
        with self.studio.clockwork.work() as work:
            let_instalments_fall_due(work)
            let_plans_fall_behind(work)
            let_transfers_lapse(work)
        while items := self.claimed():
            self.charge(items)

    def claimed(self) -> list[dict[str, Any]]:
        """What the run would ask the provider for now."""
        with self.studio.clockwork.work() as work:
            return collecting.claim(work)

    def charge(self, items: list[dict[str, Any]]) -> None:
        """Ask the provider for what was claimed, and write down what it answers."""
        for item in items:
            outcome = asking.ask(item)
            with self.studio.clockwork.work() as work:
                collecting.settle(work, item, outcome, None)

    def balanced(self, order: dict[str, Any]) -> bool:
        """Whether all that was written about whoever ordered sums to zero."""
        total = sa.text("SELECT coalesce(sum(amount), 1) FROM ledger_entries WHERE contact_id = :contact")
        with self.studio.clockwork.reading() as work:
            return work.session.execute(total, {"contact": order["contact_id"]}).scalar_one() == 0

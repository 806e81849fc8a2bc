"""Subscriptions on a clock that a test moves: billing's own functions on a database, and a provider that remembers."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Container
from typing import Any

import sqlalchemy as sa

from chassis.ids import new_id
from contracts.billing import cards, orders, packages, payments, subscriptions as told
from contracts.language import Rpc
from services.acquaintance import known_contacts
from services.billing.cards import CardDeclined, KeptCard, ProviderUnreachable
from services.billing.payments import asking, renewing
from services.billing.payments.lapsing import let_transfers_lapse
from services.billing.service import Billing
from services.billing.subscriptions.passing import pass_time
from tests.builders.works import Clockwork


class Provider:
    """A provider of cards whose mood a test sets: `declines`, `loses` its answers, or does as it is asked."""

    name = "test"
    default_token = None

    def __init__(self) -> None:
        self.mood: str | None = None
        self.taken: Counter[str] = Counter()
        self.with_nobody_there: set[str] = set()

    def prepare(self, *, key: str, **_: Any) -> str:
        return f"ref_{key}"

    def charge(self, reference: str, *, off_session: bool = False) -> None:
        if self.mood == "declines":
            raise CardDeclined("card_declined")
        self.taken[reference] = 1
        if off_session:
            self.with_nobody_there.add(reference)
        if self.mood == "loses":
            raise ProviderUnreachable

    def give_up(self, reference: str) -> None:
        if not self.taken[reference]:
            raise CardDeclined("given_up")

    def give_back(self, reference: str, *, amount: int, key: str) -> None:
        """As whoever has it asked for; what was given is not counted."""

    def customer_of(self, contact_id: str) -> str:
        return f"customer {contact_id}"

    def keep(self, token: str, *, customer: str, key: str) -> KeptCard:
        return KeptCard(f"card_{key}", "visa", "4242", "2099-12")


class Studio:
    """Billing, its doors called straight, and its time."""

    def __init__(self, clockwork: Clockwork, provider: Provider) -> None:
        self.clockwork, self.provider = clockwork, provider

    def ask(self, rpc: Rpc, **request: Any) -> Any:
        """Ask as the owner."""
        return self.clockwork.ask(Billing, rpc, **request)

    def a_member(self, *, card: bool = True, **terms: Any) -> dict[str, Any]:
        """Somebody who bought such a membership today, in cash."""
        contact_id = new_id()
        known = {"contact_id": contact_id, "display_name": "Bea", "standing": "active", "version": 1, "complete": True}
        with self.clockwork.work() as work:
            work.session.execute(sa.insert(known_contacts).values(known))
        if card:
            self.ask(cards.add_card, contact_id=contact_id, payment_method="tok")
        price = {"amount": 4900, "currency": "EUR"}
        gold = self.ask(packages.create_package, **{"name": "Gold", "kind": "membership", "price": price, **terms})
        order = self.ask(orders.place_order, contact_id=contact_id, items=[{"package_id": gold["id"]}])
        self.ask(payments.take_payment, order_id=order["id"], method="cash")
        return self.ask(told.list_subscriptions, contact_id=contact_id)["items"][0]

    def now(self, subscription: dict[str, Any]) -> dict[str, Any]:
        """The subscription as it stands."""
        return self.ask(told.get_subscription, subscription_id=subscription["id"])

    def renewals(self, subscription: dict[str, Any]) -> list[dict[str, Any]]:
        """What its cycles were charged, the oldest first."""
        return self.ask(told.list_renewals, subscription_id=subscription["id"], sort="oldest", limit=200)["items"]

    def go(self, to: str) -> None:
        """It is noon of that day, and whatever happens by itself has happened."""
        self.clockwork.now = dt.datetime.fromisoformat(f"{to}T12:00:00+00:00")
        self.run()

    def run(self) -> None:
        """What happens by itself at this moment."""
        with self.clockwork.work() as work:
            pass_time(work)
            let_transfers_lapse(work)
        idle = 0
        while idle < 2:  # what falls due in one claim is charged from the next one on
            items = self.claimed()
            idle = 0 if items else idle + 1
            self.charge(items)

    def charge(self, items: list[dict[str, Any]]) -> None:
        """Ask the provider for what was claimed, and write down what it answers."""
        for item in items:
            outcome = asking.ask(item)
            with self.clockwork.work() as work:
                renewing.settle(work, item, outcome, None)

    def live(self, *, until: str, days: Container[int] = range(32)) -> None:
        """Day by day until that day, or on these days of each month."""
        last, day = dt.date.fromisoformat(until), self.clockwork.now.date()
        while day < last:
            day += dt.timedelta(days=1)
            if day.day in days:
                self.go(day.isoformat())

    def claimed(self) -> list[dict[str, Any]]:
        """What the run would ask the provider for now."""
        with self.clockwork.work() as work:
            return renewing.claim(work)

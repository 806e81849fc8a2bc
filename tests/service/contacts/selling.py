"""Billing as one contact meets it, and the post between three services that are no processes."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from chassis.work import Work
from contracts.billing import orders, payments, rewards, subscriptions
from contracts.catalogue import all_events
from contracts.contacts import people, referrals
from contracts.language import Rpc
from services.billing.assignments.actions import end_expired
from services.billing.rewards.reactions import follow_referral
from services.billing.subscriptions.passing import pass_time
from services.contacts.contact.reactions import weigh_package
from services.contacts.facts.reactions import add_to_facts
from services.contacts.facts.rules import TYPES
from services.contacts.referrals.reactions import follow_referred, note_reward
from services.contacts.segments.actions import following
from services.contacts.segments.rules.causes import may_matter
from services.pipeline.leads.reactions import follow_contacts
from tests.builders.works import Clockwork
from tests.service.billing.renewing import Studio

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


class Sale:
    """Billing as one contact meets it; each word is something that happens."""

    def __init__(self, studio: Studio, wares: dict[str, str], contact_id: str) -> None:
        self.studio, self.wares, self.contact_id = studio, wares, contact_id
        self.order_id = self.payment_id = ""

    def happens(self, word: str) -> None:
        if word in self.wares:
            self._place(word)
        else:
            getattr(self, word)()
        self.studio.clockwork.now = NOON

    def cancel(self) -> None:
        self.studio.ask(orders.cancel_order, order_id=self.order_id)

    def cash(self) -> None:
        self._pay("cash")

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

    def refund(self) -> None:
        self.studio.ask(payments.refund_payment, payment_id=self.payment_id)

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
        self._after(dt.timedelta(days=20), end_expired)

    def unpaid(self) -> None:
        for day in ("2026-12-22", "2026-12-23", "2026-12-25", "2026-12-29"):
            self.studio.go(day)

    def expired(self) -> None:
        self.studio.go("2027-01-29")

    def _place(self, ware: str) -> None:
        item = {"package_id": self.wares[ware]}
        self.order_id = self.studio.ask(orders.place_order, contact_id=self.contact_id, items=[item])["id"]

    def _pay(self, method: str, **by: str) -> None:
        self.payment_id = self.studio.ask(payments.take_payment, order_id=self.order_id, method=method, **by)["id"]

    def _change(self, rpc: Rpc, **told: Any) -> None:
        newest = self.studio.ask(subscriptions.list_subscriptions, contact_id=self.contact_id)["items"][0]
        self.studio.ask(rpc, subscription_id=newest["id"], **told)

    def _after(self, days: dt.timedelta, does: Callable[[Work], None]) -> None:
        self.studio.clockwork.now += days
        with self.studio.clockwork.work() as work:
            does(work)


class Listener(NamedTuple):
    """A reaction with what it hears; `many`: it takes several at once."""

    at: Clockwork
    types: frozenset[str]
    reaction: Callable[..., Any]
    many: bool = False


class World:
    """Three services without a process, and the post between them."""

    def __init__(self, contacts: Clockwork, pipeline: Clockwork, billing: Clockwork) -> None:
        self.contacts, self.pipeline, self.billing = contacts, pipeline, billing
        events = all_events()
        self._told = {
            clock: [event for event in events if event.service == clock.runtime.service]
            for clock in (contacts, pipeline, billing)
        }
        sold = (orders.package_paid, orders.package_reversed, orders.package_ended)
        referred = (referrals.referral_converted, referrals.referral_reversed, referrals.referral_removed)
        seen = (people.contact_created, people.contact_changed, people.contact_lifecycle_changed)
        self._listeners = [
            Listener(contacts, _types(sold), weigh_package),
            Listener(contacts, frozenset(TYPES), add_to_facts, many=True),
            Listener(contacts, _types(may_matter(events)), following.follow, many=True),
            Listener(contacts, _types([people.contact_lifecycle_changed]), follow_referred),
            Listener(contacts, _types([rewards.reward_earned, rewards.reward_taken_back]), note_reward),
            Listener(pipeline, _types(seen), follow_contacts, many=True),
            Listener(billing, _types(referred), follow_referral),
        ]

    def deliver(self, chance: random.Random) -> None:
        """Deliver all there is to whoever hears it, and what comes of that, in an order of chance."""
        waiting: dict[int, list[Any]] = {nth: [] for nth in range(len(self._listeners))}
        while True:
            fresh = [event for clock, known in self._told.items() for event in clock.told(*known)]
            for nth, listener in enumerate(self._listeners):
                waiting[nth] += [event for event in fresh if event.type in listener.types]
            busy = [nth for nth, events in waiting.items() if events]
            if not busy:
                return
            nth = chance.choice(busy)
            chance.shuffle(waiting[nth])
            self._hand_over(self._listeners[nth], waiting[nth], chance)

    def _hand_over(self, listener: Listener, waiting: list[Any], chance: random.Random) -> None:
        if listener.many:
            several = chance.randint(1, len(waiting))
            taken, waiting[:] = waiting[:several], waiting[several:]
            listener.at.hears(listener.reaction, taken)
        else:
            with listener.at.work() as work:
                listener.reaction(work, waiting.pop())


def _types(events: Sequence[Any]) -> frozenset[str]:
    return frozenset(event.type for event in events)

"""Three services that are no processes, and the post between them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from chassis.ids import new_id
from contracts.billing import orders, rewards, sharing
from contracts.catalogue import all_events
from contracts.contacts import people, referrals
from contracts.language import Rpc
from services.acquaintance import known_contacts
from services.billing.rewards.reactions import follow_referral
from services.contacts.card.actions.entering import add_contacts
from services.contacts.card.rules import Draft, read_card
from services.contacts.contact.reactions import weigh_package, weigh_shared_membership
from services.contacts.facts.reactions import add_to_facts
from services.contacts.facts.rules import TYPES
from services.contacts.referrals.model import Referral
from services.contacts.referrals.reactions import follow_referred, note_reward
from services.contacts.segments.actions import following
from services.contacts.segments.rules.causes import may_matter
from services.contacts.service import Contacts
from services.pipeline.leads.reactions import follow_contacts
from tests.builders.works import Clockwork


class Listener(NamedTuple):
    """A reaction with what it hears; `many`: it takes several at once."""

    at: Clockwork
    types: frozenset[str]
    reaction: Callable[..., Any]
    many: bool = False


class Questions:
    """What a service asks another, contacts unless it is said, answered by its door."""

    def __init__(self, asked: Clockwork, service: type = Contacts) -> None:
        self._asked, self._service = asked, service

    def ask(self, rpc: Rpc, request: dict[str, Any], _context: Any) -> Any:
        return self._asked.ask(self._service, rpc, **request)

    def ask_all(self, questions: Sequence[tuple[Rpc, dict[str, Any]]], context: Any) -> list[Any]:
        return [self.ask(rpc, request, context) for rpc, request in questions]


class World:
    """Contacts, pipeline and billing; `chance` says in which order what they tell is heard."""

    def __init__(self, contacts: Clockwork, pipeline: Clockwork, billing: Clockwork) -> None:
        self.contacts, self.pipeline, self.billing = contacts, pipeline, billing
        self.chance = random.Random(0)
        setattr(billing.runtime, "calls", Questions(contacts))  # noqa: B010
        events = all_events()
        self._told = {
            clock: [event for event in events if event.service == clock.runtime.service]
            for clock in (contacts, pipeline, billing)
        }
        sold = (orders.package_paid, orders.package_reversed, orders.package_ended)
        shared = (sharing.shared_membership_joined, sharing.shared_membership_left)
        referred = (referrals.referral_converted, referrals.referral_reversed, referrals.referral_removed)
        seen = (people.contact_created, people.contact_changed, people.contact_lifecycle_changed)
        self._listeners = [
            Listener(contacts, _types(sold), weigh_package),
            Listener(contacts, _types(shared), weigh_shared_membership),
            Listener(contacts, frozenset(TYPES), add_to_facts, many=True),
            Listener(contacts, _types(may_matter(events)), following.follow, many=True),
            Listener(contacts, _types([people.contact_lifecycle_changed]), follow_referred),
            Listener(contacts, _types([rewards.reward_earned, rewards.reward_taken_back]), note_reward),
            Listener(pipeline, _types(seen), follow_contacts, many=True),
            Listener(billing, _types(referred), follow_referral),
        ]

    def enter(self, number: int, *, brought_by: str | None = None) -> list[str]:
        """So many leads, whom all three services know of or will hear of, brought along by somebody if it is said."""
        today = self.contacts.now.date()
        cards = [read_card({"first_name": f"Ada {new_id()}"}, region="GB", today=today) for _ in range(number)]
        with self.contacts.work() as work:
            entered = [one.contact_id for one in add_contacts(work, [Draft(card) for card in cards])]
            how = {"contact_id": brought_by, "via": "code", "state": "lead", "state_version": 0, "reward_told_at": 0}
            if brought_by:
                work.session.add_all(
                    Referral(id=new_id(), referred_id=one, referred_at=work.now, **how) for one in entered
                )
        row = {"display_name": "Ada", "standing": "active", "version": 1, "complete": True}
        with self.billing.work() as work:
            work.session.execute(sa.insert(known_contacts), [row | {"contact_id": one} for one in entered])
        return entered

    def deliver(self) -> None:
        """Deliver all there is to whoever hears it, and what comes of that, in an order of chance."""
        waiting: dict[int, list[Any]] = {nth: [] for nth in range(len(self._listeners))}
        everywhere = list(self._told)
        look_at = everywhere
        while True:
            fresh = [event for clock in look_at for event in clock.told(*self._told[clock])]
            for nth, listener in enumerate(self._listeners):
                waiting[nth] += [event for event in fresh if event.type in listener.types]
            busy = [nth for nth, events in waiting.items() if events]
            if not busy and look_at is everywhere:
                return
            look_at = everywhere
            if busy:
                nth = self.chance.choice(busy)
                self.chance.shuffle(waiting[nth])
                self._hand_over(self._listeners[nth], waiting[nth])
                look_at = [self._listeners[nth].at]  # what comes of it is told there; all are asked before the end

    def _hand_over(self, listener: Listener, waiting: list[Any]) -> None:
        if listener.many:
            several = self.chance.randint(1, len(waiting))
            taken, waiting[:] = waiting[:several], waiting[several:]
            listener.at.hears(listener.reaction, taken)
        else:
            with listener.at.work() as work:
                listener.reaction(work, waiting.pop())


def _types(events: Sequence[Any]) -> frozenset[str]:
    return frozenset(event.type for event in events)

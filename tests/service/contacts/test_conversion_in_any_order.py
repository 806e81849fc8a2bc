"""What must come of a sale and its reversal (C03 P07 B12): a table, and every event delivered in a random order.

The real actions of billing tell what happened; reactions of contacts, pipeline and billing hear it, one listener at a
time, whichever comes next by chance, on databases of their own. No process and no broker takes part.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from contracts.billing import orders, packages, payments, rewards
from contracts.catalogue import all_events
from contracts.contacts import people, referrals
from services.acquaintance import known_contacts
from services.billing.assignments.actions import end_expired
from services.billing.orders.actions import cancel_order, place_order
from services.billing.packages.actions import create_package
from services.billing.payments.actions import approve_payment, reject_payment, take_payment
from services.billing.payments.refunding import refund_payment
from services.billing.rewards.actions import change_reward_rule
from services.billing.rewards.reactions import follow_referral
from services.contacts.card.actions.archiving import archive_contacts
from services.contacts.card.actions.entering import add_contacts
from services.contacts.card.rules import Draft, read_card
from services.contacts.contact.actions import hold_contacts
from services.contacts.contact.reactions import weigh_package
from services.contacts.facts.reactions import add_to_facts
from services.contacts.facts.rules import TYPES
from services.contacts.referrals.model import Referral
from services.contacts.referrals.reactions import follow_referred, note_reward
from services.contacts.segments.actions import following, keeping, stepping
from services.contacts.segments.rules.causes import may_matter
from services.pipeline.leads.reactions import follow_contacts
from tests.builders.works import Clockwork, a_clockwork
from tests.house.keeper import Servers

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
PRICE = {"amount": 4900, "currency": "EUR"}
NEW, DUE, TRIAL, LAPSED = "new-lead", "payment-due", "trial", "lapsed"


class Case(NamedTuple):
    """What happens, in words of `Sale`, and what must come of it."""

    happens: str
    lifecycle: str
    stage: str
    tags: set[str]
    earned: bool
    why: str


CASES = [
    Case("", "lead", "New", {NEW}, False, "nothing happened"),
    Case("trial", "lead", "New", {NEW, TRIAL}, False, "a lead with just a trial stays a lead"),
    Case("brief expire", "lead", "New", {NEW}, False, "the trial is over"),
    Case("order", "lead", "New", {NEW, DUE}, False, "ordered is not paid"),
    Case("order cancel", "lead", "New", {NEW}, False, "nobody owes what was cancelled"),
    Case("order cash", "customer", "Won", set(), True, "cash converts at once"),
    Case("order transfer", "lead", "New", {NEW, DUE}, False, "a transfer waits for its approval"),
    Case("order transfer approve", "customer", "Won", set(), True, "approved is charged"),
    Case("order transfer reject", "lead", "New", {NEW, DUE}, False, "rejected leaves it open and the contact a lead"),
    Case("order transfer reject cash", "customer", "Won", set(), True, "paid in another way after all"),
    Case("order cash refund", "lead", "New", {NEW}, False, "refunded as if it never was"),
    Case("order cash refund order cash", "customer", "Won", set(), True, "bought again"),
    Case("order cash refund order cash refund", "lead", "New", {NEW}, False, "and given back again"),
    Case("order cash order cash refund", "customer", "Won", set(), True, "the first purchase stands"),
    Case("short cash expire", "former_customer", "Won", {LAPSED}, True, "what made the customer has ended"),
    Case("short cash expire order cash", "customer", "Won", set(), True, "came back"),
    Case("short cash expire order cash refund", "former_customer", "Won", {LAPSED}, True, "was one before that"),
    Case("trial order transfer approve", "customer", "Won", set(), True, "no lead's trial any more"),
    Case("trial order cash refund", "lead", "New", {NEW, TRIAL}, False, "the trial goes on"),
    Case("brief expire order cash refund archive", "lead", "New", set(), False, "archived: in no segment"),
]


class Sale:
    """Billing as one contact meets it; each word is something that happens."""

    def __init__(self, billing: Clockwork, wares: dict[str, str], contact_id: str) -> None:
        self.billing, self.wares, self.contact_id = billing, wares, contact_id
        self.order_id = self.payment_id = ""

    def trial(self) -> None:
        self._place("trial")

    def brief(self) -> None:
        self._place("brief")

    def short(self) -> None:
        self._place("short")

    def order(self) -> None:
        self._place("order")

    def cancel(self) -> None:
        self._do(cancel_order, orders.cancel_order, order_id=self.order_id)

    def cash(self) -> None:
        self._pay("cash")

    def transfer(self) -> None:
        self._pay("bank_transfer")

    def approve(self) -> None:
        self._do(approve_payment, payments.approve_payment, payment_id=self.payment_id)

    def reject(self) -> None:
        self._do(reject_payment, payments.reject_payment, payment_id=self.payment_id)

    def refund(self) -> None:
        self._do(refund_payment, payments.refund_payment, payment_id=self.payment_id)

    def expire(self) -> None:
        self.billing.now += dt.timedelta(days=20)
        with self.billing.work() as work:
            end_expired(work)
        self.billing.now = NOON

    def _place(self, ware: str) -> None:
        item = {"package_id": self.wares[ware]}
        self.order_id = self._do(place_order, orders.place_order, contact_id=self.contact_id, items=[item])["id"]

    def _pay(self, method: str) -> None:
        asked = {"order_id": self.order_id, "method": method}
        self.payment_id = self._do(take_payment, payments.take_payment, **asked)["id"]

    def _do(self, action: Callable[..., Any], rpc: Any, **request: Any) -> Any:
        with self.billing.work() as work:
            return action(work, rpc.takes().load(request))


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


@pytest.fixture(scope="module")
def world(servers: Servers) -> Iterator[World]:
    with (
        a_clockwork(servers, "contacts", now=NOON) as contacts,
        a_clockwork(servers, "pipeline", now=NOON) as pipeline,
        a_clockwork(servers, "billing", now=NOON) as billing,
    ):
        with contacts.work() as work:
            keeping.keep_built_ins(work)
        while contacts.step({stepping.JOB: stepping.evaluate_segment}):
            pass
        with billing.work() as work:
            change_reward_rule(work, rewards.change_reward_rule.takes().load({"credit": PRICE}))
        yield World(contacts, pipeline, billing)


@pytest.fixture(scope="module")
def wares(world: World) -> dict[str, str]:
    few_days = {"valid_days": 10}
    kinds: dict[str, tuple[str, int, dict[str, int]]] = {
        "order": ("course", 4900, {}),
        "short": ("credit_pack", 4900, few_days | {"included_sessions": 10}),
        "trial": ("trial", 0, {}),
        "brief": ("trial", 0, few_days),
    }
    made = {}
    for name, (kind, amount, more) in kinds.items():
        told = {"name": name, "kind": kind, "price": PRICE | {"amount": amount}} | more
        with world.billing.work() as work:
            made[name] = create_package(work, packages.create_package.takes().load(told))["id"]
    return made


def enter(world: World, number: int) -> list[str]:
    """Leads, each brought along by somebody."""
    cards = [read_card({"first_name": f"Ada {new_id()}"}, region="GB", today=NOON.date()) for _ in range(number + 1)]
    with world.contacts.work() as work:
        friend, *entered = [one.contact_id for one in add_contacts(work, [Draft(card) for card in cards])]
        brought = {"contact_id": friend, "via": "code", "state": "lead", "state_version": 0, "referred_at": NOON}
        work.session.add_all(Referral(id=new_id(), referred_id=one, reward_told_at=0, **brought) for one in entered)
    row = {"display_name": "Ada", "standing": "active", "version": 1, "complete": True}
    with world.billing.work() as work:
        work.session.execute(sa.insert(known_contacts), [row | {"contact_id": one} for one in (friend, *entered)])
    return entered


def what_came(world: World, contact_id: str) -> tuple[str, str, set[str], bool]:
    """Lifecycle, stage, system tags, and whether a reward stands, as billing and contacts both say."""
    one = {"id": contact_id}
    with world.contacts.reading() as work:
        lifecycle = work.session.scalar(sa.text("SELECT lifecycle FROM contacts WHERE id = :id"), one)
        tags = "SELECT tags.name FROM contact_tags JOIN tags ON tags.id = tag_id WHERE contact_id = :id"
        tagged = set(work.session.scalars(sa.text(tags), one))
        noted = work.session.scalar(sa.text("SELECT reward_state FROM referrals WHERE referred_id = :id"), one)
    with world.pipeline.reading() as work:
        stage = "SELECT name FROM stages JOIN leads ON stages.id = stage_id WHERE contact_id = :id"
        stands = work.session.scalar(sa.text(stage), one)
    with world.billing.reading() as work:
        reward = work.session.scalar(sa.text("SELECT state FROM rewards WHERE referred_id = :id"), one)
    assert noted == reward, "contacts and billing say the same of the reward"
    return lifecycle, stands, tagged, reward == "earned"


@pytest.mark.requirement("C03", "P07", "B12", "C21")
@pytest.mark.parametrize("seed", range(2))
def test_the_same_comes_of_a_history_in_whatever_order_it_is_heard(
    world: World, wares: dict[str, str], seed: int
) -> None:
    chance = random.Random(seed)
    everybody = enter(world, len(CASES))
    for case, contact_id in zip(CASES, everybody, strict=True):
        sale = Sale(world.billing, wares, contact_id)
        for word in case.happens.split():
            if word != "archive":
                getattr(sale, word)()
    world.deliver(chance)
    archived = [one for case, one in zip(CASES, everybody, strict=True) if "archive" in case.happens]
    with world.contacts.work() as work:
        archive_contacts(work, list(hold_contacts(work, archived).values()), reason="moved away")
    world.deliver(chance)
    found = {f"{case.happens}: {case.why}": what_came(world, one) for case, one in zip(CASES, everybody, strict=True)}
    expected = {f"{case.happens}: {case.why}": tuple(case)[1:5] for case in CASES}
    assert {name: found[name] for name in found if found[name] != expected[name]} == {}

"""What must come of a sale and its reversal (C03 P07 B12): a table, and every event delivered in a random order.

The real actions of billing tell what happened; reactions of contacts, pipeline and billing hear it, one listener at a
time, whichever comes next by chance, on databases of their own. No process and no broker takes part.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from contracts.billing import packages, rewards
from services.acquaintance import known_contacts
from services.billing.payments import actions as paying, charging, refunding, renewing
from services.contacts.card.actions.archiving import archive_contacts
from services.contacts.card.actions.entering import add_contacts
from services.contacts.card.rules import Draft, read_card
from services.contacts.contact.actions import hold_contacts
from services.contacts.referrals.model import Referral
from services.contacts.segments.actions import keeping, stepping
from tests.builders.examples import examples
from tests.builders.works import a_clockwork
from tests.house.keeper import Servers
from tests.service.billing.renewing import Provider, Studio
from tests.service.contacts.selling import NOON, Sale, World

PRICE = {"amount": 4900, "currency": "EUR"}
NEW, DUE, TRIAL, LAPSED = "new-lead", "payment-due", "trial", "lapsed"
MEMBER, PAUSED = "active-member", "paused"


class Case(NamedTuple):
    """What happens, in words of `Sale`, and what must come of it."""

    happens: str
    lifecycle: str
    stage: str
    tags: set[str]
    earned: bool
    why: str


CASES = [  # the unpaid first: the run charges whoever has a membership by then
    Case("member cash unpaid expired", "former_customer", "Won", {LAPSED}, True, "nobody paid the next cycle"),
    Case("member cash unpaid", "customer", "Won", {DUE}, True, "past due is a customer still"),
    Case("member", "lead", "New", {NEW, DUE}, False, "ordered is not paid"),
    Case("member card", "customer", "Won", {MEMBER}, True, "a card converts at once"),
    Case("member decline", "lead", "New", {NEW, DUE}, False, "a card that is declined pays nothing"),
    Case("member decline card", "customer", "Won", {MEMBER}, True, "another card does"),
    Case("member card refund", "lead", "New", {NEW}, False, "refunded as if it never was"),
    Case("member card refund member card", "customer", "Won", {MEMBER}, True, "joined again"),
    Case("member transfer", "lead", "New", {NEW, DUE}, False, "a transfer waits for its approval"),
    Case("member transfer approve", "customer", "Won", {MEMBER}, True, "approved is charged"),
    Case("member transfer reject", "lead", "New", {NEW, DUE}, False, "rejected is not paid"),
    Case("member cash pause", "customer", "Won", {PAUSED}, True, "a pause is no end"),
    Case("member cash pause resume", "customer", "Won", {MEMBER}, True, "and it goes on"),
    Case("member cash stop", "former_customer", "Won", {LAPSED}, True, "cancelled on the spot"),
    Case("member cash stop refund", "lead", "New", {NEW}, False, "given back after it was over"),
    Case("member cash stop member card", "customer", "Won", {MEMBER}, True, "came back"),
    Case("member cash lapse", "former_customer", "Won", {LAPSED}, True, "cancelled, and its days are over"),
    Case("member cash order cash stop", "customer", "Won", set(), True, "the course goes on"),
    Case("trial member card", "customer", "Won", {MEMBER}, True, "no lead's trial any more"),
    Case("member cash stop archive", "former_customer", "Won", set(), True, "archived: in no segment"),
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
        yield World(contacts, pipeline, billing)


@pytest.fixture(scope="module")
def studio(world: World) -> Iterator[Studio]:
    """Billing's doors, and a provider of cards that does as it is asked."""
    provider = Provider()
    with pytest.MonkeyPatch.context() as patch:
        for room in (charging, refunding, renewing):
            patch.setattr(room, "provider_called", lambda _name: provider)
        patch.setattr(paying, "default_provider", lambda: provider)
        studio = Studio(world.billing, provider)
        studio.ask(rewards.change_reward_rule, credit=PRICE)
        yield studio


@pytest.fixture(scope="module")
def wares(studio: Studio) -> dict[str, str]:
    few_days = {"valid_days": 10}
    kinds: dict[str, tuple[str, int, dict[str, int]]] = {
        "member": ("membership", 4900, {}),
        "order": ("course", 4900, {}),
        "short": ("credit_pack", 4900, few_days | {"included_sessions": 10}),
        "trial": ("trial", 0, {}),
        "brief": ("trial", 0, few_days),
    }
    made = {}
    for name, (kind, amount, more) in kinds.items():
        told = {"name": name, "kind": kind, "price": PRICE | {"amount": amount}} | more
        made[name] = studio.ask(packages.create_package, **told)["id"]
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
@pytest.mark.parametrize("seed", range(examples(20)))
def test_the_same_comes_of_a_history_in_whatever_order_it_is_heard(
    world: World, studio: Studio, wares: dict[str, str], seed: int
) -> None:
    chance = random.Random(seed)
    everybody = enter(world, len(CASES))
    for case, contact_id in zip(CASES, everybody, strict=True):
        sale = Sale(studio, wares, contact_id)
        for word in case.happens.split():
            if word != "archive":
                sale.happens(word)
    world.deliver(chance)
    archived = [one for case, one in zip(CASES, everybody, strict=True) if "archive" in case.happens]
    with world.contacts.work() as work:
        archive_contacts(work, list(hold_contacts(work, archived).values()), reason="moved away")
    world.deliver(chance)
    found = {f"{case.happens}: {case.why}": what_came(world, one) for case, one in zip(CASES, everybody, strict=True)}
    expected = {f"{case.happens}: {case.why}": tuple(case)[1:5] for case in CASES}
    assert {name: found[name] for name in found if found[name] != expected[name]} == {}

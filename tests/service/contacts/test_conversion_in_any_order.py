"""What must come of a sale and its reversal (C03 P07 B12): a table, and histories of chance with a reckoning of each.

The real actions of billing tell what happened; reactions of contacts, pipeline and billing hear it, one listener at a
time, whichever comes next by chance, on databases of their own. No process and no broker takes part.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from contracts.billing import rewards
from services.billing.payments import actions as paying, asking, charging, refunding
from services.contacts.card.actions.archiving import archive_contacts
from services.contacts.contact.actions import hold_contacts
from services.contacts.segments.actions import keeping, stepping
from tests.builders.examples import examples
from tests.builders.works import a_clockwork
from tests.house.keeper import Servers
from tests.service.billing.renewing import Provider, Studio
from tests.service.contacts.drawing import DUE, LAPSED, MEMBER, NEW, PAUSED, TRIAL, Case, Draw
from tests.service.contacts.posting import World
from tests.service.contacts.selling import NOON, PRICE, Sale, put_on_sale

DRAWN = 15
"""So many histories of chance each time."""

FREE = "member cash friend:order friend:cash rewarded"
SHARED = "relative:family relative:cash seat"
CASES = [  # the unpaid first: the run charges whoever has a membership by then
    Case("member cash unpaid given_up", "former_customer", "Won", {LAPSED}, True, "nobody paid the next cycle"),
    Case("member cash unpaid", "customer", "Won", {DUE}, True, "past due is a customer still"),
    Case(f"{FREE} unpaid", "customer", "Won", {MEMBER}, True, "the cycle that nobody paid was free"),
    Case(f"{FREE} friend:refund rewarded unpaid", "customer", "Won", {DUE}, True, "the free cycle was taken back"),
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
    Case("interested order cash", "customer", "Won", set(), True, "won from wherever they stood"),
    Case("interested order cash refund", "lead", "Interested", {NEW}, False, "and back to where they stood"),
    Case("order half", "lead", "New", {NEW, DUE}, False, "half is not paid"),
    Case("order half half", "customer", "Won", set(), True, "paid in two parts"),
    Case("order half half back", "lead", "New", {NEW}, False, "both parts given back"),
    Case("order cash part", "customer", "Won", set(), True, "a part given back takes nothing back"),
    Case("order balance", "customer", "Won", set(), True, "paid by credit"),
    Case("cheaper", "lead", "New", {NEW, DUE}, False, "a discount does not pay the rest"),
    Case("cheaper cash", "customer", "Won", set(), True, "less is all of it"),
    Case("cheaper cash refund", "lead", "New", {NEW}, False, "what was less is given back"),
    Case("coded", "lead", "New", {NEW, DUE}, False, "nor does a promo code"),
    Case("coded cash", "customer", "Won", set(), True, "less is all of it"),
    Case("coded cash back", "lead", "New", {NEW}, False, "what was less is given back"),
    Case("draft", "lead", "New", {NEW}, False, "a draft is owed by nobody"),
    Case("draft place", "lead", "New", {NEW, DUE}, False, "ordered is not paid"),
    Case("draft place cash", "customer", "Won", set(), True, "as any order"),
    Case("gift", "customer", "Won", set(), True, "nothing to pay settles it"),
    Case("gift cancel", "lead", "New", {NEW}, False, "what was given is taken back"),
    Case("present cancel", "lead", "New", {NEW}, False, "and so is a cycle"),
    Case("present", "customer", "Won", {MEMBER}, True, "the first cycle for nothing"),
    Case("plan", "lead", "New", {NEW, DUE}, False, "no instalment is paid"),
    Case("plan cancel", "lead", "New", {NEW}, False, "nobody owes what was cancelled"),
    Case("plan instalment", "customer", "Won", {DUE}, True, "the first instalment begins it"),
    Case("plan instalment instalment instalment", "customer", "Won", set(), True, "all instalments"),
    Case("plan instalment payoff", "customer", "Won", set(), True, "paid off early"),
    Case("plan instalment payoff back", "lead", "New", {NEW}, False, "all of it given back"),
    Case("plan instalment refund", "lead", "New", {NEW}, False, "all that was paid is given back"),
    Case("plan instalment writeoff", "former_customer", "Won", {LAPSED}, True, "had it, and did not pay the rest"),
    Case(SHARED, "customer", "Won", {MEMBER}, True, "uses what another pays"),
    Case(f"{SHARED} leave", "former_customer", "Won", {LAPSED}, True, "uses it no longer"),
    Case(f"{SHARED} relative:pause", "customer", "Won", {PAUSED}, True, "paused for both"),
    Case(f"{SHARED} relative:stop", "former_customer", "Won", {LAPSED}, True, "over for both"),
    Case(f"{SHARED} relative:refund", "lead", "New", {NEW}, False, "never was, for both"),
    Case(f"{SHARED} leave relative:refund", "lead", "New", {NEW}, False, "never was, for who had left as well"),
    Case(f"{SHARED} relative:stop relative:refund", "lead", "New", {NEW}, False, "given back after it was over"),
    Case(f"{SHARED} order cash relative:refund", "customer", "Won", set(), True, "has more"),
    Case(f"{SHARED} leave member card", "customer", "Won", {MEMBER}, True, "pays now"),
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
        for room in (charging, refunding, asking):
            patch.setattr(room, "provider_called", lambda _name: provider)
        patch.setattr(paying, "default_provider", lambda: provider)
        studio = Studio(world.billing, provider)
        studio.ask(rewards.change_reward_rule, credit=PRICE)
        yield studio


@pytest.fixture(scope="module")
def wares(studio: Studio) -> dict[str, str]:
    return put_on_sale(studio)


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


def play(world: World, sales: list[tuple[Sale, Case]]) -> None:
    """Let all of it happen, part of it heard before the rest happens; who is archived is so at the end."""
    told = [(sale, *case.happens.removesuffix("archive").partition("expire")) for sale, case in sales]
    for sale, early, _, _ in told:
        sale.plays(early)
    sales[0][0].happens("expire")
    if world.chance.random() < 0.5:
        world.deliver()
    for sale, _, _, late in told:
        sale.plays(late)
    world.deliver()
    archived = [sale.contact_id for sale, case in sales if case.happens.endswith("archive")]
    with world.contacts.work() as work:
        archive_contacts(work, list(hold_contacts(work, archived).values()), reason="moved away")
    world.deliver()


@pytest.mark.requirement("C03", "P07", "B12", "B08", "B11", "B13", "C21")
@pytest.mark.parametrize("seed", range(examples(10)))
def test_the_same_comes_of_a_history_in_whatever_order_it_is_heard(
    world: World, studio: Studio, wares: dict[str, str], seed: int
) -> None:
    world.chance = random.Random(seed)
    cases = CASES + [Draw(world.chance).case() for _ in range(DRAWN)]
    [friend] = world.enter(1)
    sales = [Sale(world, studio, wares, one) for one in world.enter(len(cases), brought_by=friend)]
    play(world, list(zip(sales, cases, strict=True)))
    found = [what_came(world, sale.contact_id) for sale in sales]
    wrong = [(case, came) for case, came in zip(cases, found, strict=True) if came != tuple(case)[1:5]]
    assert wrong == []

"""A referral that earns a free cycle: the next one that falls due is not owed, and a reversal takes it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from chassis.told import Told
from contracts.billing import accounts, credit, invoices, orders, payments, rewards, subscriptions as told
from contracts.contacts.referrals import referral_converted, referral_reversed
from contracts.errors import Invalid
from services.billing.payments import renewing
from services.billing.rewards.reactions import follow_referral
from services.billing.subscriptions.free_cycles import FreeCycle
from tests.builders.waiting import eventually
from tests.service.billing.renewing import Studio

pytestmark = pytest.mark.requirement("B12")
Say = Callable[..., None]


@pytest.fixture
def free(studio: Studio) -> Iterator[Studio]:
    """The studio while a referral earns a free cycle."""
    studio.ask(rewards.change_reward_rule, kind="free_cycle", credit=None)
    yield studio
    studio.ask(rewards.change_reward_rule, kind="credit")


@pytest.fixture
def say(studio: Studio) -> Say:
    """`say(event, referral, position)`: contacts tells that a referral came to something, or to nothing."""

    def hear(event: Any, referral: dict[str, str], position: int) -> None:
        converted = event is referral_converted
        states = {"before": "lead", "after": "customer"} if converted else {"before": "customer", "after": "lead"}
        data = {
            "referral_id": referral["id"], "referred_id": referral["whom"], "referred_name": "Bob Brown",
            "via": "referral", "reason": "paid" if converted else "refunded", **states,
        }  # fmt: skip
        told = Told(
            new_id(), event.type, "/rapport/contacts", referral["by"], dt.datetime.now(dt.UTC), position,
            event.load(data), None, None, data,
        )  # fmt: skip
        with studio.clockwork.work() as work:
            follow_referral(work, told)

    return hear


def a_referral(by: str) -> dict[str, str]:
    return {"id": new_id(), "by": by, "whom": new_id()}


def waiting(studio: Studio, contact_id: str) -> int:
    return studio.ask(accounts.get_account, contact_id=contact_id)["free_cycles"]


def balance(studio: Studio, contact_id: str) -> int:
    return sum(held["amount"] for held in studio.ask(credit.get_credit, contact_id=contact_id)["balances"])


def states(studio: Studio, gold: dict[str, Any]) -> list[str]:
    return [renewal["state"] for renewal in studio.renewals(gold)]


@pytest.mark.requirement("B05", "B15", "B07")
def test_the_next_cycle_costs_nothing_and_the_one_after_it_does(free, say):
    gold = free.a_member()
    ann = gold["contact_id"]
    say(referral_converted, a_referral(ann), 1)
    assert waiting(free, ann) == 1
    free.go("2027-02-28")
    [renewal] = free.renewals(gold)
    assert (renewal["state"], renewal["due"]["amount"], free.provider.taken.total()) == ("waived", 0, 0)
    assert (waiting(free, ann), free.now(gold)["expires_on"]) == (0, "2027-03-30")
    page = free.ask(invoices.list_invoices, contact_id=ann)["items"]
    [invoice] = [one for one in page if one["cause_id"] == renewal["id"]]
    assert (invoice["state"], invoice["reason"]) == ("void", "Free cycle: Bob Brown became a customer")
    account = free.ask(accounts.get_account, contact_id=ann)
    assert (account["dues"], account["spent"]) == ([], [{"amount": 4900, "currency": "EUR"}])
    [reward] = free.ask(rewards.list_rewards, contact_id=ann)["items"]
    assert (reward["kind"], reward["credit"], reward["free_cycle"]["renewal_id"]) == (
        "free_cycle", None, renewal["id"],
    )  # fmt: skip
    free.go("2027-03-31")
    assert (states(free, gold), free.provider.taken.total()) == (["waived", "paid"], 1)


def test_without_a_subscription_it_waits_and_two_are_used_one_after_the_other(free, say):
    bystander = free.a_member()  # whose package Ann buys later
    ann = free.a_member(cycle={"unit": "year"})["contact_id"]
    free.ask(told.cancel_subscription, subscription_id=_of(free, ann)["id"], when="now")
    for position in (1, 2):
        say(referral_converted, a_referral(ann), position)
    free.live(until="2027-03-01", days=(28, 1))
    assert waiting(free, ann) == 2
    order = free.ask(orders.place_order, contact_id=ann, items=[{"package_id": bystander["package_id"]}])
    free.ask(payments.take_payment, order_id=order["id"], method="cash")
    assert waiting(free, ann) == 2, "the first order is paid for"
    free.live(until="2027-06-01", days=(1,))
    assert states(free, _of(free, ann)) == ["waived", "waived", "paid"]


def _of(studio: Studio, contact_id: str) -> dict[str, Any]:
    return studio.ask(told.list_subscriptions, contact_id=contact_id)["items"][0]


def test_a_reversal_takes_it_back_also_where_it_is_used(free, say):
    unused, used = free.a_member(), free.a_member()
    referrals = {gold["id"]: a_referral(gold["contact_id"]) for gold in (unused, used)}
    for gold in (unused, used):
        say(referral_converted, referrals[gold["id"]], 1)
    say(referral_reversed, referrals[unused["id"]], 2)
    free.go("2027-02-28")
    say(referral_reversed, referrals[used["id"]], 3)
    assert (states(free, unused), states(free, used)) == (["paid"], ["waived"])
    assert [balance(free, gold["contact_id"]) for gold in (unused, used)] == [0, -4900]
    say(referral_converted, referrals[used["id"]], 4)  # a customer after all: it is earned anew
    free.go("2027-03-31")
    assert (states(free, unused), states(free, used)) == (["paid", "paid"], ["waived", "waived"])
    say(referral_converted, referrals[used["id"]], 4)
    assert (balance(free, used["contact_id"]), waiting(free, used["contact_id"])) == (-4900, 0)


def test_what_was_said_last_counts_in_whatever_order_it_comes(free, say):
    story = [(referral_converted, 1), (referral_reversed, 2), (referral_converted, 3), (referral_reversed, 4)]
    for heard in permutations(story[:3]):
        ann = new_id()
        referral = a_referral(ann)
        for event, position in (*heard, *heard):
            say(event, referral, position)
        assert waiting(free, ann) == 1, heard
        say(*story[3][:1], referral, story[3][1])
        say(*story[0][:1], referral, story[0][1])
        assert waiting(free, ann) == 0, heard


def about_to_be_used(free: Studio, say: Say) -> tuple[dict[str, Any], dict[str, str]]:
    """The membership whose next cycle is due by now, and the referral that made it free."""
    gold = free.a_member()
    referral = a_referral(gold["contact_id"])
    say(referral_converted, referral, 1)
    free.clockwork.now = dt.datetime(2027, 2, 28, 12, tzinfo=dt.UTC)
    return gold, referral


@pytest.mark.requirement("B15")
def test_who_takes_it_back_while_it_is_used_finds_it_used(free, say):
    gold, referral = about_to_be_used(free, say)
    with ThreadPoolExecutor(1) as beside:
        with free.clockwork.work() as work:
            renewing.claim(work)
            work.session.flush()
            taken_back = beside.submit(say, referral_reversed, referral, 2)
            eventually(lambda: _who_waits(free))
        taken_back.result()
    assert (states(free, gold), balance(free, gold["contact_id"])) == (["waived"], -4900)


@pytest.mark.requirement("B07")
def test_who_waits_for_a_free_cycle_that_is_being_taken_back_holds_no_number(free, say):
    """Who takes it back may wait for an account meanwhile, and whoever has that for a number."""
    gold, _ = about_to_be_used(free, say)
    with ThreadPoolExecutor(1) as beside, free.clockwork.work() as work:
        work.session.execute(sa.select(FreeCycle).where(FreeCycle.contact_id == gold["contact_id"]).with_for_update())
        run = beside.submit(free.claimed)
        eventually(lambda: _who_waits(free))
        work.session.execute(sa.text("SELECT value FROM counters WHERE name = 'invoice' FOR UPDATE NOWAIT"))
        work.session.rollback()
        run.result()
    assert states(free, gold) == ["waived"]


def _who_waits(studio: Studio) -> int:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with studio.clockwork.reading() as work:
        return work.session.scalar(sa.text(waiting))


def test_a_free_cycle_has_no_amount(free):
    some = {"amount": 500, "currency": "EUR"}
    with pytest.raises(Invalid) as refused:
        free.ask(rewards.change_reward_rule, credit=some)
    assert refused.value.errors[0]["pointer"] == "/credit"
    rule = free.ask(rewards.change_reward_rule, kind="credit", credit=some)
    assert (rule["kind"], rule["credit"]) == ("credit", some)
    with pytest.raises(Invalid):
        free.ask(rewards.change_reward_rule, kind="free_cycle")
    free.ask(rewards.change_reward_rule, credit=None)

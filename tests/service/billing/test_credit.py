"""Account credit, and what referrals earn of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from chassis.actor import Actor
from chassis.ids import new_id
from contracts.billing import credit, payments, rewards
from contracts.contacts.referrals import referral_converted, referral_removed, referral_reversed
from contracts.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from tests.builders.announcing import announcing
from tests.builders.waiting import eventually

EUR = "EUR"
BOOKS = sa.text(
    "SELECT coalesce(-sum(amount), 0) FROM ledger_entries WHERE contact_id = :id AND account = 'account_credit'"
)

HEARD = sa.text("SELECT told_at FROM rewards WHERE referral_id = :id")


def euros(amount):
    return {"amount": amount, "currency": EUR}


def balance(ask, contact_id):
    return {held["currency"]: held["amount"] for held in ask(credit.get_credit, contact_id=contact_id)["balances"]}


def in_the_books(billing, contact_id):
    with billing.connect() as connection:
        return connection.scalar(BOOKS, {"id": contact_id})


@pytest.mark.requirement("B09", "B15")
def test_credit_is_granted_and_withdrawn_and_adds_up(ask, billing, a_buyer):
    ann = a_buyer()
    ask(credit.grant_credit, contact_id=ann, amount=euros(2000), reason="a broken locker")
    ask(credit.grant_credit, contact_id=ann, amount={"amount": 500, "currency": "USD"}, reason="a mistake")
    taken = ask(credit.withdraw_credit, contact_id=ann, amount=euros(1500), reason="too much")
    assert (taken["amount"], taken["balance"]) == (euros(-1500), euros(500))
    assert balance(ask, ann) == {EUR: 500, "USD": 500}
    with pytest.raises(Invalid) as refused:
        ask(credit.withdraw_credit, contact_id=ann, amount=euros(501), reason="more than there is")
    assert refused.value.errors[0]["pointer"] == "/amount/amount"
    told = ask(credit.get_credit, contact_id=ann, sort="oldest")["items"]
    assert [(one["kind"], one["amount"]["amount"], one["reason"]) for one in told] == [
        ("granted", 2000, "a broken locker"), ("granted", 500, "a mistake"), ("withdrawn", -1500, "too much"),
    ]  # fmt: skip
    assert in_the_books(billing, ann) == 1000


@pytest.mark.requirement("B09")
def test_of_many_who_withdraw_at_once_nobody_gets_what_is_not_there(house, ask, billing, a_buyer):
    ann = a_buyer()
    ask(credit.grant_credit, contact_id=ann, amount=euros(1000), reason="x")

    def take(_):
        try:
            house.ask(credit.withdraw_credit, contact_id=ann, amount=euros(300), reason="y")
        except Invalid:
            return 0
        return 300

    with ThreadPoolExecutor(8) as crowd:
        taken = sum(crowd.map(take, range(8)))
    assert (taken, balance(ask, ann)[EUR], in_the_books(billing, ann)) == (900, 100, 100)


@pytest.mark.requirement("B09", "G05")
def test_who_corrects_the_books_moves_credit_and_approves_no_transfer(ask, a_buyer, an_order):
    books = Actor(new_id(), "api", "The books", scopes=frozenset({"billing.correct"}))
    ann = a_buyer()
    ask(credit.grant_credit, actor=books, contact_id=ann, amount=euros(100), reason="x")
    assert balance(ask, ann) == {EUR: 100}
    announced = ask(payments.take_payment, order_id=an_order()["id"], method="bank_transfer")
    with pytest.raises(Forbidden):
        ask(payments.approve_payment, actor=books, payment_id=announced["id"])


@pytest.mark.requirement("B09")
@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"amount": euros(0), "reason": "x"}, Invalid),
        ({"amount": euros(-5), "reason": "x"}, Invalid),
        ({"amount": euros(10**13), "reason": "x"}, Invalid),
        ({"amount": {"amount": 5, "currency": "eur"}, "reason": "x"}, Invalid),
        ({"amount": {"amount": 5, "currency": "EUX"}, "reason": "x"}, Invalid),
        ({"amount": euros(5)}, Invalid),
        ({"amount": euros(5), "reason": "x", "contact_id": new_id()}, NotFound),
    ],
)
def test_senseless_credit_is_refused(ask, a_buyer, given, refusal):
    with pytest.raises(refusal):
        ask(credit.grant_credit, **{"contact_id": a_buyer(), **given})


def test_an_archived_contact_is_granted_nothing(ask, a_buyer):
    with pytest.raises(Conflict):
        ask(credit.grant_credit, contact_id=a_buyer("archived"), amount=euros(5), reason="x")


@pytest.fixture
def rule(ask):
    """`rule(amount)` for the test; none before and after it."""

    def say(amount):
        return ask(rewards.change_reward_rule, credit=amount and euros(amount))

    yield say
    say(None)


@pytest.fixture
def contacts_say(house):
    """Announce as contacts' relay would, at a place in its log."""
    with announcing(house, "contacts") as say:
        yield lambda event, referral, position: say(event, referral["by"], position, **_progress(event, referral))


def _progress(event, referral):
    converted = event is referral_converted
    return {
        "referral_id": referral["id"], "referred_id": referral["whom"], "referred_name": "Bob Brown", "via": "referral",
        "before": "lead" if converted else "customer", "after": "customer" if converted else "lead",
        "reason": "paid" if converted else referral.get("because", "refunded"),
    }  # fmt: skip


def of(ask, contact_id):
    return [
        (one["state"], one["credit"]["amount"]) for one in ask(rewards.list_rewards, contact_id=contact_id)["items"]
    ]


def heard(billing, referral):
    with billing.connect() as connection:
        return connection.scalar(HEARD, {"id": referral["id"]})


@pytest.mark.requirement("B12")
def test_who_brings_a_customer_along_is_rewarded_once_and_gives_it_back(ask, billing, a_buyer, rule, contacts_say):
    referral = {"id": new_id(), "by": a_buyer(), "whom": new_id()}
    ann = referral["by"]
    rule(1500)
    contacts_say(referral_converted, referral, 10)
    contacts_say(referral_converted, referral, 10)
    assert eventually(lambda: of(ask, ann)) == [("earned", 1500)]
    rule(9900)  # what was earned stays as it was earned
    contacts_say(referral_reversed, referral, 11)
    eventually(lambda: of(ask, ann) == [("taken_back", 1500)])
    assert balance(ask, ann) == {EUR: 0}
    kinds = [(one["kind"], one["amount"]["amount"]) for one in ask(credit.get_credit, contact_id=ann)["items"]]
    assert kinds == [("reward_taken_back", -1500), ("reward", 1500)]
    contacts_say(referral_converted, referral, 12)
    eventually(lambda: of(ask, ann) == [("earned", 9900)])
    assert in_the_books(billing, ann) == balance(ask, ann)[EUR] == 9900


@pytest.mark.requirement("B12")
@pytest.mark.parametrize("gone", [referral_reversed, referral_removed], ids=str)
def test_a_reward_is_given_back_whatever_the_reason(ask, a_buyer, rule, contacts_say, gone):
    """Of the longest reason for a refund contacts makes a longer sentence; an import that is taken back has none."""
    referral = {"id": new_id(), "by": a_buyer(), "whom": new_id(), "because": "lead again: " + "x" * 600}
    rule(1500)
    contacts_say(referral_converted, referral, 40)
    contacts_say(gone, referral, 41)
    eventually(lambda: of(ask, referral["by"]) == [("taken_back", 1500)])
    assert balance(ask, referral["by"]) == {EUR: 0}
    assert ask(credit.get_credit, contact_id=referral["by"])["items"][0]["reason"]


@pytest.mark.requirement("B12")
def test_what_is_heard_late_changes_nothing(ask, a_buyer, rule, contacts_say):
    referral, marker = ({"id": new_id(), "by": a_buyer(), "whom": new_id()} for _ in range(2))
    rule(1000)
    contacts_say(referral_reversed, referral, 21)
    contacts_say(referral_converted, referral, 20)
    contacts_say(referral_converted, marker, 22)
    eventually(lambda: of(ask, marker["by"]))
    assert of(ask, referral["by"]) == []
    assert balance(ask, referral["by"]) == {}


@pytest.mark.requirement("B12")
def test_without_a_rule_nothing_is_earned_and_a_rule_has_a_version(ask, billing, a_buyer, rule, contacts_say):
    referral, marker = ({"id": new_id(), "by": a_buyer(), "whom": new_id()} for _ in range(2))
    rule(None)
    contacts_say(referral_converted, referral, 30)
    eventually(lambda: heard(billing, referral))
    before = ask(rewards.get_reward_rule)
    after = rule(700)
    assert (before["credit"], after["credit"], after["version"]) == (None, euros(700), before["version"] + 1)
    with pytest.raises(Problem):
        ask(rewards.change_reward_rule, credit=euros(5), expected_version=before["version"])
    contacts_say(referral_converted, marker, 31)
    eventually(lambda: of(ask, marker["by"]))
    assert of(ask, referral["by"]) == []

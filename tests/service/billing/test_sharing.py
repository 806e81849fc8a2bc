"""A membership that related contacts use too, up to its seats; the owner pays."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from chassis.tables import jobs
from contracts.billing import accounts, orders, payments, sharing, subscriptions
from contracts.contacts import facts, people, relations
from contracts.errors import Conflict, Invalid, NotFound, Problem, Stale
from services.billing.sharing import reactions
from services.billing.sharing.actions import LOOK_AGAIN
from services.billing.subscriptions.queries import locked_subscription
from services.billing.subscriptions.seats import Seat
from tests.builders.at_once import at_once
from tests.builders.people import a_lead
from tests.builders.selling import a_package
from tests.builders.waiting import eventually

Ask = Callable[..., Any]
LOOKED = sa.text("""
    SELECT (result->>'related')::boolean FROM jobs
    WHERE kind = 'are_they_still_related' AND state = 'done' AND input->>'contact_id' = :contact ORDER BY id
""")


@pytest.fixture
def shared(ask: Ask) -> Callable[..., dict[str, Any]]:
    """`shared(seats=3)`: the subscription of a new contact who bought such a membership."""

    def build(seats: int = 3, **more: Any) -> dict[str, Any]:
        owner = a_lead(ask)["id"]
        family = a_package(ask, name="Family", seats=seats, **more)
        order = ask(orders.place_order, contact_id=owner, items=[{"package_id": family["id"]}])
        ask(payments.take_payment, order_id=order["id"], method="cash")
        return ask(subscriptions.list_subscriptions, contact_id=owner)["items"][0]

    return build


def related_to(ask: Ask, subscription: dict[str, Any], kind: str = "family") -> str:
    """A new contact who is related to the owner."""
    person = {"first_name": "Ben", "last_name": uuid.uuid4().hex}
    relation = ask(relations.add_relation, contact_id=subscription["contact_id"], person=person, kind=kind)
    return relation["related"]["id"]


def add(ask: Ask, subscription: dict[str, Any], contact_id: str, **more: Any) -> dict[str, Any]:
    return ask(sharing.add_subscription_member, subscription_id=subscription["id"], contact_id=contact_id, **more)


def who_uses(ask: Ask, subscription: dict[str, Any]) -> set[str]:
    page = ask(sharing.list_subscription_members, subscription_id=subscription["id"])
    return {member["contact_id"] for member in page["items"]}


def lifecycle(ask: Ask, contact_id: str) -> dict[str, Any]:
    return ask(people.get_contact, contact_id=contact_id)["lifecycle"]


@pytest.mark.requirement("B11", "C28", "C13")
def test_a_related_contact_uses_it_too_and_both_are_told(ask, shared, told_of, subscriber):
    family = shared()
    owner, ben = family["contact_id"], related_to(ask, family, "partner")
    seat = add(ask, family, ben)
    assert add(ask, family, ben) == seat, "once more is harmless"
    now = ask(subscriptions.get_subscription, subscription_id=family["id"])
    assert (now["seats"], now["seats_taken"], now["version"]) == (3, 2, family["version"] + 1)
    assert ask(sharing.get_subscription_member, subscription_id=family["id"], contact_id=ben) == seat
    [mine] = ask(accounts.get_account, contact_id=ben)["shared_memberships"]
    assert (mine["subscription_id"], mine["owner"]["id"], mine["state"]) == (family["id"], owner, "active")
    assert mine["owner"]["display_name"]
    assert ask(sharing.list_shared_memberships, contact_id=ben)["items"] == [mine]
    history = ask(subscriptions.list_subscription_changes, subscription_id=family["id"])["items"]
    assert [line["what"] for line in history] == ["seat.taken", "subscription.begun"]
    assert [type for type, _ in told_of(ben)] == ["shared_membership.joined"]
    assert told_of(owner)[-1][0] == "seat.taken"

    def seen_from(one: str) -> list[Any]:
        [relation] = ask(relations.list_relations, contact_id=one)["items"]
        return [(share["name"], share["owner_id"]) for share in relation["shared_memberships"]]

    eventually(lambda: seen_from(owner) == seen_from(ben) == [("Family", owner)])
    with pytest.raises(Stale):
        ask(sharing.remove_subscription_member, subscription_id=family["id"], contact_id=ben, expected_version=1)
    ask(sharing.remove_subscription_member, subscription_id=family["id"], contact_id=ben)
    with pytest.raises(NotFound):
        ask(sharing.remove_subscription_member, subscription_id=family["id"], contact_id=ben)
    [past] = ask(sharing.list_subscription_members, subscription_id=family["id"], current=False)["items"]
    assert (past["id"], past["reason"], who_uses(ask, family)) == (seat["id"], "Olive Owner took them off", set())
    assert (told_of(ben)[-1][0], told_of(owner)[-1][0]) == ("shared_membership.left", "seat.freed")
    eventually(lambda: seen_from(owner) == [])


@pytest.mark.requirement("B11")
def test_of_many_who_are_added_at_once_as_many_get_a_seat_as_there_are(ask, house, shared):
    family = shared(seats=4)
    ten = [related_to(ask, family) for _ in range(10)]
    calls = [
        lambda one=one, **how: house.ask(
            sharing.add_subscription_member, subscription_id=family["id"], contact_id=one, **how
        )
        for one in ten
    ]
    answers = at_once(calls, workers=10)
    refused = [answer for answer in answers if isinstance(answer, Problem)]
    assert [refusal.detail for refusal in refused] == ["All 4 seats are taken, the owner's among them."] * 7
    assert {one["contact_id"] for one in answers if one not in refused} == who_uses(ask, family)
    assert ask(subscriptions.get_subscription, subscription_id=family["id"])["seats_taken"] == 4


@pytest.mark.requirement("B11")
def test_who_cannot_have_a_seat_is_told_why(ask, shared, a_buyer):
    family, alone = shared(), shared(seats=1)
    stranger, gone = a_lead(ask)["id"], a_buyer("archived")
    for subscription, contact_id, refusal, pointer, words in (
        (family, stranger, Conflict, "/contact_id", "not related"),
        (family, family["contact_id"], Invalid, "/contact_id", "owner uses it anyway"),
        (family, new_id(), Invalid, "/contact_id", "no contact of this id"),
        (family, gone, Conflict, "/contact_id", "archived"),
        (alone, related_to(ask, alone), Conflict, "/subscription_id", "owner alone"),
    ):
        with pytest.raises(refusal, match=words) as refused:
            add(ask, subscription, contact_id)
        assert refused.value.errors[0]["pointer"] == pointer
    with pytest.raises(NotFound):
        add(ask, {"id": new_id()}, stranger)
    ben = related_to(ask, family)
    ask(subscriptions.cancel_subscription, subscription_id=family["id"], when="now")
    with pytest.raises(Conflict, match="cancelled already"):
        add(ask, family, ben)


@pytest.mark.requirement("B11", "B02", "B05")
def test_no_terms_have_fewer_seats_than_are_taken(ask, shared):
    family = shared()
    pair, trio = (a_package(ask, name=name, seats=seats)["id"] for name, seats in (("Pair", 2), ("Trio", 3)))
    ben, cid = (related_to(ask, family) for _ in range(2))
    change = {"subscription_id": family["id"]}
    add(ask, family, ben)
    planned = ask(subscriptions.change_subscription, **change, package_id=pair)
    assert (planned["seats"], planned["planned"]["seats"]) == (3, 2)
    with pytest.raises(Conflict, match="All 2 seats"):
        add(ask, family, cid)
    ask(subscriptions.withdraw_change, **change)
    add(ask, family, cid)
    with pytest.raises(Conflict, match="3 use the membership") as refused:
        ask(subscriptions.change_subscription, **change, package_id=pair)
    assert refused.value.errors[0]["pointer"] == "/package_id"
    assert ask(subscriptions.change_subscription, **change, package_id=trio)["planned"]["name"] == "Trio"


@pytest.mark.requirement("B11", "C28")
def test_who_is_related_no_longer_uses_it_no_longer(ask, shared, billing, told_of):
    family = shared()
    owner, ben = family["contact_id"], related_to(ask, family, "family")
    ask(relations.add_relation, contact_id=ben, related_id=owner, kind="friend")
    add(ask, family, ben)
    friend, relative = ask(relations.list_relations, contact_id=ben)["items"]
    assert len(ask(relations.list_relations, contact_id=ben, related_id=owner)["items"]) == 2
    assert ask(relations.list_relations, contact_id=ben, related_id=a_lead(ask)["id"])["items"] == []
    looked = looks_at(billing, ben)
    eventually(lambda: looked() == [True])
    ask(relations.remove_relation, contact_id=owner, relation_id=relative["id"])
    eventually(lambda: looked() == [True, True])
    assert who_uses(ask, family) == {ben}, "still a friend"
    ask(relations.remove_relation, contact_id=ben, relation_id=friend["id"])
    eventually(lambda: who_uses(ask, family) == set())
    assert told_of(ben)[-1][1]["reason"] == "they are not related to the owner any more"
    assert looked() == [True, True, False]


def looks_at(billing: Any, contact_id: str) -> Callable[[], list[bool]]:
    """Whether they were related, each time that contacts was asked whether they are."""

    def read() -> list[bool]:
        with billing.connect() as connection:
            return list(connection.scalars(LOOKED, {"contact": contact_id}))

    return read


@pytest.mark.requirement("B11")
def test_a_look_that_was_given_up_is_begun_again_until_it_is_answered(studio):
    family, ben, work = studio.a_member(seats=2), new_id(), studio.clockwork.work
    with work() as adding:
        seat = Seat(id=new_id(), subscription_id=family["id"], contact_id=ben, joined_at=adding.now, added_by="Olive")
        adding.session.add(seat)
        locked_subscription(adding, family["id"]).seats_taken = 2
        others = [adding.start_job(kind, {"seat_id": seat.id}) for kind in ("something_else", LOOK_AGAIN)]
        given_up = [*others[:1], adding.start_job(LOOK_AGAIN, {"seat_id": seat.id})]
        adding.session.execute(sa.update(jobs).values(state="done"))
        gave_up = sa.update(jobs).where(jobs.c.id.in_(given_up)).values(state="failed", failures=5)
        adding.session.execute(gave_up)

    def states() -> list[tuple[str, int]]:
        with studio.clockwork.reading() as reading:
            rows = reading.session.execute(sa.select(jobs).order_by(jobs.c.id)).all()
            return [(row.state, row.failures) for row in rows if str(row.id) in (*others, *given_up)]

    for _ in range(2):
        with work() as resuming:
            reactions.resume_looking(resuming)
        assert states() == [("failed", 5), ("done", 0), ("queued", 0)], "of its kind, and only what gave up"
    while studio.clockwork.step({LOOK_AGAIN: lambda work, job: reactions.keep_or_free(work, job, related=False)}):
        pass
    with work() as resuming:
        reactions.resume_looking(resuming)
    assert states()[1:] == [("done", 0), ("done", 0)]
    assert who_uses(studio.ask, family) == set()
    assert studio.now(family)["seats_taken"] == 1


@pytest.mark.requirement("B11", "B14", "C03", "C14")
def test_who_uses_a_paid_membership_is_a_customer_as_long_as_that_lasts(ask, shared):
    family = shared()
    ben = related_to(ask, family)
    add(ask, family, ben)
    eventually(lambda: lifecycle(ask, ben)["state"] == "customer")
    assert lifecycle(ask, ben)["reason"].endswith(": paid shared membership Family")

    def figures() -> tuple[Any, ...]:
        found = ask(facts.get_facts, contact_id=ben)
        return tuple(found[name] for name in ("subscription_state", "membership", "dues", "lifetime_value"))

    eventually(lambda: figures() == ("active", "Family", 0, 0))
    expiry = ask(facts.get_facts, contact_id=ben)["membership_expires_on"]
    assert expiry == family["expires_on"]
    ask(subscriptions.pause_subscription, subscription_id=family["id"])
    eventually(lambda: figures() == ("paused", "Family", 0, 0))
    ask(subscriptions.resume_subscription, subscription_id=family["id"])
    ask(subscriptions.cancel_subscription, subscription_id=family["id"], when="now", reason="moved")
    eventually(lambda: figures() == ("cancelled", None, 0, 0))
    eventually(lambda: lifecycle(ask, ben)["state"] == "former_customer")
    over = ask(subscriptions.get_subscription, subscription_id=family["id"])
    assert (who_uses(ask, family), over["seats_taken"]) == (set(), 1)


@pytest.mark.requirement("B11", "C03")
def test_what_is_given_back_as_if_it_never_was_makes_them_a_lead_again(ask, shared):
    family = shared()
    ben = related_to(ask, family)
    add(ask, family, ben)
    eventually(lambda: lifecycle(ask, ben)["state"] == "customer")
    [payment] = ask(payments.list_payments, contact_id=family["contact_id"])["items"]
    ask(payments.refund_payment, payment_id=payment["id"], reason="a mistake")
    eventually(lambda: lifecycle(ask, ben)["state"] == "lead")
    assert lifecycle(ask, ben)["reason"] == "lead again: shared membership Family was reversed (a mistake)"
    eventually(lambda: ask(facts.get_facts, contact_id=ben)["had_subscription"] is False)

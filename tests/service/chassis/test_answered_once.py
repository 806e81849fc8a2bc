"""One key, one effect, one answer: however often and wherefrom it is asked."""

from __future__ import annotations

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.actor import Actor
from chassis.calls import Calls, Context
from chassis.ids import new_id
from chassis.line import Line, Question
from chassis.tables import answers, events
from chassis.wire import dumps
from contracts.billing import orders, packages, payments
from contracts.contacts import team
from contracts.errors import Invalid, Problem
from tests.builders.people import an_email
from tests.service.billing.conftest import remember_contact

PRICE = {"amount": 4900, "currency": "EUR"}


def an_account() -> dict[str, Any]:
    return {"email": an_email()["value"], "name": "Ada", "role": "staff", "password": "correct horse battery"}


@pytest.mark.requirement("G06")
def test_fifty_at_once_have_one_effect_and_one_answer(house, database):
    name, key = f"Gold {new_id()}", new_id()
    calls = Calls(house.env["RAPPORT_AMQP_URI"], at_once=50)
    context = Context(token=house.token(), key=key)
    request = {"name": name, "kind": "membership", "price": PRICE}
    with ThreadPoolExecutor(50) as pool:
        told = list(pool.map(lambda _: calls.ask(packages.create_package, request, context), range(50)))
    calls.close()
    assert all(answer == told[0] for answer in told)
    with database("billing").connect() as connection:
        created = sa.select(sa.func.count()).where(events.c.data["name"].astext == name)
        assert connection.scalar(created) == 1


@pytest.mark.requirement("G06")
def test_a_call_that_comes_twice_is_not_refused_for_what_it_did_itself(house):
    """As after a connection that broke before the answer: the same call once more, and no mark of a redelivery."""
    line, call_id, ends = Line(house.env["RAPPORT_AMQP_URI"], 3), new_id(), time.monotonic() + 5
    told, request = [], an_account()
    for _ in range(2):
        line.send([Question(0, call_id, team.add_team_member, request)], Context(token=house.token()), ends)
        line.wait({call_id}, ends)
        told.append(line.answers.pop(call_id))
    line.raw.close()
    assert told[0] == told[1]


@pytest.mark.requirement("G06")
def test_a_key_belongs_to_one_request_also_when_two_come_at_once(house, ask, database):
    contact = remember_contact(database("billing"))
    gold = ask(packages.create_package, name="Gold", kind="membership", price=PRICE)
    for _ in range(5):
        placed = [ask(orders.place_order, contact_id=contact, items=[{"package_id": gold["id"]}]) for _ in range(2)]
        key = new_id()

        def pay(order: dict[str, Any], key: str = key) -> Any:
            try:
                return ask(payments.take_payment, key=key, order_id=order["id"], method="bank_transfer", amount=PRICE)
            except Problem as problem:
                return problem

        with ThreadPoolExecutor(2) as pool:
            told = list(pool.map(pay, placed))
        assert {type(answer) for answer in told} == {dict, Invalid}, told


@pytest.mark.requirement("G06")
def test_two_people_may_use_the_same_key(ask):
    key = new_id()
    request = {"kind": "membership", "price": PRICE}
    for who in ("owner", "admin"):
        actor = Actor(new_id(), who)
        assert ask(packages.create_package, key=key, actor=actor, name=who, **request)["name"] == who


@pytest.mark.requirement("G04")
def test_no_password_can_be_guessed_from_what_is_kept_of_a_request(ask, database):
    request = an_account()
    ask(team.add_team_member, key=new_id(), **request)
    text = dumps(request).encode()
    guesses = {hashlib.sha256(text).hexdigest(), hashlib.blake2b(text, digest_size=20).hexdigest()}
    with database("contacts").connect() as connection:
        kept = set(connection.scalars(sa.select(answers.c.fingerprint)))
    assert kept
    assert not guesses & kept

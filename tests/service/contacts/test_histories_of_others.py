"""What the other services manage has its history too, kept and answered by contacts."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from contracts.billing import packages, promo_codes, rewards, taxes
from contracts.catalogue import all_rpcs
from contracts.contacts import histories
from contracts.documents import forms, templates as agreements
from contracts.errors import Forbidden, NotFound
from contracts.notifications import templates as messages
from contracts.pipeline import assignment, rules, stages
from tests.builders.people import a_colleague
from tests.builders.waiting import eventually

EUROS = {"amount": 3900, "currency": "EUR"}
DEARER = EUROS | {"amount": 4900}
LONG = "word " * 1000


def a_package(house: Any) -> Any:
    made = house.ask(packages.create_package, name="Gold", kind="membership", price=EUROS)
    yield "package", made["id"], packages.change_package, {"price": DEARER, "on_sale": False}
    yield {"price": {"before": EUROS, "after": DEARER}, "on_sale": {"before": True, "after": False}}


def a_tax_rate(house: Any) -> Any:
    made = house.ask(taxes.create_tax_rate, name="VAT", basis_points=1900, inclusive=True)
    yield "tax_rate", made["id"], taxes.change_tax_rate, {"archived": True}
    yield {"archived": {"before": False, "after": True}}


def a_promo_code(house: Any) -> Any:
    made = house.ask(promo_codes.create_promo_code, code=uuid.uuid4().hex, basis_points=1000)
    asked = {"most_uses": 5, "valid_until": "2999-12-31"}
    yield "promo_code", made["id"], promo_codes.change_promo_code, asked
    yield {name: {"before": None, "after": value} for name, value in asked.items()}


def a_stage(house: Any) -> Any:
    made = house.ask(stages.add_stage, name=uuid.uuid4().hex)
    yield "stage", made["id"], stages.change_stage, {"time_allowed_days": 7}
    yield {"time_allowed_days": {"before": None, "after": 7}}
    house.ask(stages.remove_stage, stage_id=made["id"])


def a_stage_rule(house: Any) -> Any:
    stage = house.ask(stages.list_stages)["items"][0]["id"]
    do = {"notify": {"message": "Look"}}
    made = house.ask(rules.add_stage_rule, name="Look", stage_id=stage, when="stood_still", after_hours=900, do=do)
    yield "stage_rule", made["id"], rules.change_stage_rule, {"paused": True}
    yield {"paused": {"before": False, "after": True}}
    house.ask(rules.remove_stage_rule, rule_id=made["id"])


def an_assignment_rule(house: Any) -> Any:
    who = a_colleague(house.ask, role="sales")["id"]
    made = house.ask(
        assignment.add_assignment_rule, name="Turns", strategy="round_robin", source=uuid.uuid4().hex,
        team_member_ids=[who],
    )  # fmt: skip
    yield "assignment_rule", made["id"], assignment.change_assignment_rule, {"strategy": "least_loaded"}
    yield {"strategy": {"before": "round_robin", "after": "least_loaded"}}
    house.ask(assignment.remove_assignment_rule, rule_id=made["id"])


def an_agreement_template(house: Any) -> Any:
    made = house.ask(agreements.create_template, kind="terms", title="House rules", body=LONG)
    yield "agreement_template", made["id"], agreements.change_template, {"body": "Be kind."}
    yield {"body": {"before": f"{LONG[:2000]}…", "after": "Be kind."}}


def a_message_template(house: Any) -> Any:
    name = uuid.uuid4().hex
    made = house.ask(messages.create_message_template, name=name, subject="Welcome", body_text="Hello")
    yield "message_template", made["id"], messages.change_message_template, {"purpose": "marketing", "subject": "Hi"}
    was = {"before": "transactional", "after": "marketing"}
    yield {"purpose": was, "subject": {"before": "Welcome", "after": "Hi"}}


def a_form(house: Any) -> Any:
    plain = {"label": "What for?", "type": "text", "required": False, "choices": None, "help": None}
    goal, day = plain | {"key": "goal"}, plain | {"key": "until", "type": "date"}
    many = [plain | {"key": f"q{number}", "help": LONG[:500]} for number in range(5)]
    made = house.ask(forms.create_form, kind="form", title="First visit", questions=[goal, day])
    yield "form", made["id"], forms.change_form, {"title": "Visit", "questions": [goal, *many]}
    told = [{"key": one["key"], "label": one["label"]} for one in [day, *many]]
    yield {"title": {"before": "First visit", "after": "Visit"}, "questions": {"before": told[:1], "after": told[1:]}}


THINGS = [
    a_package, a_tax_rate, a_promo_code, a_stage, a_stage_rule, an_assignment_rule, an_agreement_template,
    a_message_template, a_form,
]  # fmt: skip


@pytest.mark.parametrize("make", THINGS, ids=lambda make: make.__name__)
@pytest.mark.requirement("G08", "B02", "P01", "D01", "N04")
def test_a_thing_of_another_service_tells_who_changed_what_of_it(house, ask, make):
    steps = make(house)
    thing, thing_id, change, wanted = next(steps)
    named = {histories.MANAGED[thing]: thing_id}
    ask(change, **named, **wanted)
    ask(change, **named, **wanted)  # the same again is no change
    read = next(rpc for rpc in all_rpcs() if rpc.name == f"list_{thing}_history")
    told = eventually(lambda: (found := ask(read, **named)["items"])[1:] and found)
    assert [(one["changes"], one["actor"]["role"]) for one in told] == [(next(steps), "owner"), ({}, "owner")]
    assert (told[0]["data"]["version"], told[1]["data"]["version"]) == (2, 1)
    assert ask(read, **named, sort="oldest")["items"] == told[::-1]
    with pytest.raises(Forbidden):
        ask(read, **named, actor="member")
    with pytest.raises(NotFound):
        ask(read, **{histories.MANAGED[thing]: str(uuid.uuid4())})
    assert list(steps) == []  # and it is as it was before


@pytest.mark.requirement("G08", "B12")
def test_what_a_referral_earns_tells_who_changed_it(house, ask):
    before = ask(rewards.get_reward_rule)["credit"]
    house.ask(rewards.change_reward_rule, credit=DEARER)
    house.ask(rewards.change_reward_rule, credit=before)
    back = {"credit": {"before": DEARER, "after": before}}
    eventually(lambda: [one for one in ask(histories.list_reward_rule_history)["items"] if one["changes"] == back])
    with pytest.raises(Forbidden):
        ask(histories.list_reward_rule_history, actor="member")


@pytest.mark.requirement("G08", "N04")
def test_what_came_with_the_house_has_an_empty_history(ask):
    stage = next(stage for stage in ask(stages.list_stages)["items"] if stage["name"] == "Won")
    assert ask(histories.list_stage_history, stage_id=stage["id"])["items"] == []

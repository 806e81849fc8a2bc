"""Whatever is changed is told before and after, whatever it is."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from contracts.contacts import custom_fields, emergency, groups, locations, referrals, relations, team
from tests.builders.people import a_colleague, a_lead
from tests.builders.sessions import a_guest, soon

AGREED = {"consent": {"how": "said", "when": soon(days=-1)}}


def a_group(ask) -> Any:
    made = ask(groups.create_group, name=(word := uuid.uuid4().hex))
    yield groups.change_group, {"group_id": made["id"], "name": word, "description": "all"}
    yield "group.changed", {"description": {"before": "", "after": "all"}}


def a_team_member(ask) -> Any:
    made = a_colleague(ask, role="staff")
    yield team.change_team_member, {"team_member_id": made["id"], "role": "sales", "active": False}
    yield "team_member.changed", {
        "role": {"before": "staff", "after": "sales"}, "active": {"before": True, "after": False},
    }  # fmt: skip


def a_location(ask) -> Any:
    made = ask(locations.create_location, name=uuid.uuid4().hex, time_zone="Europe/Warsaw")
    ask(locations.change_location, location_id=made["id"], archived=True)
    yield locations.change_location, {"location_id": made["id"], "time_zone": None}
    yield "location.changed", {"time_zone": {"before": "Europe/Warsaw", "after": None}}


def a_custom_field(ask) -> Any:
    made = ask(custom_fields.create_custom_field, label=(word := uuid.uuid4().hex), type="choice", choices=["a"])
    ask(custom_fields.change_custom_field, custom_field_id=made["id"], archived=True)
    yield custom_fields.change_custom_field, {"custom_field_id": made["id"], "label": word, "choices": ["a", "b"]}
    yield "custom_field.changed", {"choices": {"before": ["a"], "after": ["a", "b"]}}


def an_emergency_contact(ask) -> Any:
    whom = {"name": "Anne", "phones": [{"value": "+44 7700 900123"}], "relationship": "aunt"}
    made = ask(emergency.add_emergency_contact, contact_id=a_guest(ask), **whom, **AGREED)
    yield emergency.change_emergency_contact, {"emergency_contact_id": made["id"], "relationship": "mother", **AGREED}
    yield "emergency_contact.changed", {"relationship": {"before": "aunt", "after": "mother"}}


def a_buddy_pass(ask) -> Any:
    made = ask(referrals.make_buddy_pass, contact_id=a_guest(ask))
    yield referrals.change_buddy_pass, {"buddy_pass_id": made["id"], "uses_allowed": 3}
    yield "buddy_pass.changed", {"uses_allowed": {"before": 1, "after": 3}}


def a_relation(ask) -> Any:
    ward, guardian = a_lead(ask)["id"], a_lead(ask)["id"]
    made = ask(relations.add_relation, contact_id=ward, related_id=guardian, kind="friend", note="met at school")
    yield relations.change_relation, {"contact_id": ward, "relation_id": made["id"], "note": None}
    yield "relation.changed", {"note": {"before": "met at school", "after": None}}


@pytest.mark.parametrize(
    "thing",
    [a_group, a_team_member, a_location, a_custom_field, an_emergency_contact, a_buddy_pass, a_relation],
    ids=lambda thing: thing.__name__,
)
@pytest.mark.requirement("C31", "G09", "G10")
def test_a_change_is_told_once_with_what_was_before_and_what_is_after(ask, subscriber, thing):
    (rpc, asked), (event, changes) = thing(ask)
    listener = subscriber("contacts.events", event)
    changed = ask(rpc, **asked)
    version = changed["version"]
    assert ask(rpc, **asked)["version"] == version  # the same once more changes nothing
    named = next(value for name, value in asked.items() if name.endswith("_id") and name != "contact_id")
    for count in range(1, 10):  # what others were told comes on the same line
        told = listener.wait_for(event, count=count).data
        if (told[f"{event.split('.')[0]}_id"], told["version"]) == (named, version):
            break
    assert (told["version"], told["changes"]) == (version, changes)
